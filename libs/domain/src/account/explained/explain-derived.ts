import {
  compare,
  fromInteger,
  isNegative,
  isZero,
  multiply,
  negate,
  subtract,
  toText,
  type Decimal,
} from '../../amount/decimal';
import { formatInstant } from '../../time/instant';
import { earnedOf, type Fee } from '../subscription/fee';
import { enumerated, equation, equations, type Explained, type Term } from './explained';

/** What time alone took from an account: the rest of grants that expired, and credits of pools that lapsed. Negative is what came back. */
export interface Lapsed {
  readonly wallet: Decimal;
  readonly main: Decimal;
  readonly backup: Decimal;
}

/** What had lapsed, or came back since usage that came late had drawn on it before. */
export function explainLapse({ wallet, main, backup }: Lapsed, currency: string): Explained {
  const isBack = [wallet, main, backup].some(isNegative);
  const size = (amount: Decimal): Decimal => (isBack ? negate(amount) : amount);
  const money: Term[] = [[size(wallet), 'left of granted credit']];
  const credits: Term[] = [
    [size(main), 'left in the main pool'],
    [size(backup), 'left in the backup pool'],
  ];
  const became = isBack ? 'had lapsed, and is there after all' : 'lapsed';
  const formula = equations([
    ...(isZero(wallet) ? [] : [equation(money, `${currency} ${became}`)]),
    ...(isZero(main) && isZero(backup) ? [] : [equation(credits, `credits ${became}`)]),
  ]);
  const parts = [
    ...(isZero(wallet) ? [] : [`${toText(size(wallet))} ${currency} of granted credit`]),
    ...(isZero(main) ? [] : [`${toText(size(main))} credits of the main pool`]),
    ...(isZero(backup) ? [] : [`${toText(size(backup))} credits of the backup pool`]),
  ];
  const sentence = isBack
    ? `${enumerated(parts)} had lapsed, and are there after all for what was booked later.`
    : `${enumerated(parts)} were not used in time, and lapsed.`;
  return { formula, sentence };
}

/** What was earned of a fee between two instants (milliseconds since 1970): `from` null for the beginning, `plan` where nobody knows its name. */
export function explainEarned(
  plan: string | null,
  { before, after }: { readonly before: Fee; readonly after: Fee },
  { from, to }: { readonly from: number | null; readonly to: number },
  currency: string,
): Explained {
  const already = from === null ? null : earnedOf(before, from);
  const earned = earnedOf(after, to);
  const { price, from: begins, to: ends } = after;
  const formula = equations([
    earnedFormula(after, to, currency),
    ...(from === null || already === null || isZero(already)
      ? []
      : [
          earnedFormula(before, from, currency),
          equation(
            [
              [earned, `earned by ${formatInstant(to)}`],
              [negate(already), `earned by ${formatInstant(from)}`],
            ],
            `${currency} in between`,
          ),
        ]),
  ]);
  const amount = toText(already === null ? earned : subtract(earned, already));
  const period = `${formatInstant(begins)} until ${formatInstant(ends)}`;
  return {
    formula,
    sentence: `${plan === null ? 'A plan' : `Plan ${plan}`} cost ${toText(price)} ${currency} for the time from ${period}; ${amount} ${currency} of it ${already === null ? `were earned by ${formatInstant(to)}` : 'were earned in this time'}.`,
  };
}

/** What is earned of a fee by an instant: linear per millisecond of its period, rounded down; by a switch all that it does not credit. */
function earnedFormula(fee: Fee, atMs: number, currency: string): string {
  const { price, from, to, switchedAt, credited } = fee;
  const by = `${currency} earned by ${formatInstant(atMs)}`;
  const whole: Term = [price, 'fee'];
  if (switchedAt !== null && atMs >= switchedAt)
    return equation([whole, [negate(credited), 'credited by the switch']], by);
  if (atMs >= to) return equation([whole], by);
  if (atMs <= from) return equation([], by);
  const earned = earnedOf(fee, atMs);
  const [gone, all] = [atMs - from, to - from];
  const isExact = compare(multiply(price, fromInteger(gone)), multiply(earned, fromInteger(all))) === 0;
  return `${toText(price)} [fee] × ${gone} [ms since its period began] / ${all} [ms of its period] ${isExact ? '=' : '≈'} ${toText(earned)} ${by}`;
}
