/** Texts by code point, as bytes of UTF-8 sort: JavaScript's own order puts what lies beyond the first 65,536 too early. */
export function compareByCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [one, other] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (one !== other) return codePointRank(one) - codePointRank(other);
  }
  return a.length - b.length;
}

const FIRST_SURROGATE = 0xd800;
const LAST_SURROGATE = 0xdfff;
const PAST_UNITS = 0x10000;

/** A half of a pair stands for something beyond every single unit. */
function codePointRank(unit: number): number {
  return unit >= FIRST_SURROGATE && unit <= LAST_SURROGATE ? unit + PAST_UNITS : unit;
}
