/** Whether a name matches a pattern in which `*` stands for any characters, also none; nothing else is special. */
export type Glob = (name: string) => boolean;

/**
 * Compiles a pattern. The pieces between stars are looked for from left to right, each as early as possible, so that no
 * pattern makes matching slower than pattern × name.
 */
export function glob(pattern: string): Glob {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return (name) => name === pattern;
  return (name) => {
    if (!name.startsWith(first)) return false;
    let from = first.length;
    for (const piece of rest) {
      const found = name.indexOf(piece, from);
      if (found < 0) return false;
      from = found + piece.length;
    }
    return name.length - from >= last.length && name.endsWith(last);
  };
}

export function isGlob(pattern: string): boolean {
  return pattern.includes('*');
}
