// prettier-ignore
export function rank(n: number): string { // caught
  if (n === 1) return 'one';
  if (n === 2) return 'two';
  if (n === 3) return 'three';
  if (n === 4) return 'four';
  if (n === 5) return 'five';
  if (n === 6) return 'six';
  if (n === 7) return 'seven';
  if (n === 8) return 'eight';
  if (n === 9) return 'nine';
  if (n === 10) return 'ten';
  if (n === 11) return 'eleven';
  if (n === 12) return 'twelve';
  if (n === 13) return 'thirteen';
  if (n === 14) return 'fourteen';
  if (n === 15) return 'fifteen';
  return 'many';
}
