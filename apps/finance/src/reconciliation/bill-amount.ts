import { powerOfTen, type Decimal } from '@meterbook/domain/amount/decimal';

/** Up to 18 digits on either side of a point, some on one; sign and exponent, of up to two digits, as one likes. */
const spelling = /^([+-]?)(\d{0,18})(?:\.(\d{0,18}))?(?:[eE]([+-]?\d{1,2}))?$/;

/** An amount of a bill, however it is spelled; undefined for what is none. */
export function billAmount(text: string): Decimal | undefined {
  const [, sign, whole = '', fraction = '', exponent = '0'] = spelling.exec(text.trim()) ?? [];
  if (sign === undefined || whole + fraction === '') return undefined;
  const digits = BigInt(whole + fraction) * (sign === '-' ? -1n : 1n);
  const scale = fraction.length - Number(exponent);
  return scale >= 0 ? { coefficient: digits, scale } : { coefficient: digits * powerOfTen(-scale), scale: 0 };
}
