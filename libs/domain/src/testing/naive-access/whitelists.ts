/** Whether a list of globs lets a model through: they are gone through in order, and `!` takes away what came before. */
export function lets(list: readonly string[], model: string, isFree = false): boolean {
  let allowed = false;
  for (const entry of list) {
    const takes = entry.startsWith('!');
    const pattern = takes ? entry.slice(1) : entry;
    const concerned = pattern === 'free' ? isFree : pattern === model || expression(pattern).test(model);
    if (concerned) allowed = !takes;
  }
  return allowed;
}

/** Of a pattern in which a star stands for anything. */
function expression(pattern: string): RegExp {
  const pieces = pattern.split('*').map((piece) => piece.replace(/[^\w]/g, (character) => `\\${character}`));
  return new RegExp(`^${pieces.join('.*')}$`);
}
