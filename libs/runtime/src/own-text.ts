/** A text of its own, of an ASCII one: what was cut out of a longer text keeps all of that in memory. */
export function ownText(ascii: string): string {
  return Buffer.from(ascii, 'latin1').toString('latin1');
}
