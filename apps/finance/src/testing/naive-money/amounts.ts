/** Amounts as whole numbers of a trillionth of a trillionth. */
export const UNIT_DIGITS = 24;

export function money(text: string): bigint {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
  const size = BigInt(whole + fraction.padEnd(UNIT_DIGITS, '0'));
  return text.startsWith('-') ? -size : size;
}

export function textOf(amount: bigint): string {
  const digits = String(amount < 0n ? -amount : amount).padStart(UNIT_DIGITS + 1, '0');
  const fraction = digits.slice(-UNIT_DIGITS).replace(/0+$/, '');
  return `${amount < 0n ? '-' : ''}${digits.slice(0, -UNIT_DIGITS)}${fraction && `.${fraction}`}`;
}
