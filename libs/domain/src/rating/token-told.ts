import type { KindMultiple, KindPrice } from '../account/charging/events';
import { powerOfTen, toText } from '../amount/decimal';
import type { Side } from './kind-price';
import type { PriceDraft } from './tariff';
import type { TokenCounts } from './token-counts';
import { scaleOf, termOf, type Adjusted, type TokenRow } from './token-row';

/**
 * Notes how the tokens of a side were priced, where any was of a special kind: the adjusted count, and the kinds that made a
 * difference. Those are kinds at a price of their own, at another multiple than 1, and all of them where they stand beside the
 * whole or exceed it.
 */
export function tellSide(draft: PriceDraft, side: Side, row: TokenRow, counts: TokenCounts, adjusted: Adjusted): void {
  const { reported, special, areBeside } = counts[side];
  if (special === 0) return;
  const scale = scaleOf(row, side);
  const isAdjusted = adjusted[side] !== BigInt(reported) * powerOfTen(scale);
  const { multiples, prices } = tellingKinds(side, row, counts, areBeside || special > reported);
  if (isAdjusted) draft[adjustedOf[side]] = toText({ coefficient: adjusted[side], scale });
  if (areBeside) draft.tokenCounts = 'exclusive';
  if (multiples.length > 0) draft[`${side}Multiples`] = multiples;
  if (prices.length > 0) draft[`${side}Prices`] = prices;
}

const adjustedOf = { input: 'adjustedInput', output: 'adjustedOutput' } as const;

function tellingKinds(side: Side, row: TokenRow, { kinds }: TokenCounts, all: boolean) {
  const multiples: KindMultiple[] = [];
  const prices: KindPrice[] = [];
  for (const { kind } of kinds) {
    if (kind.side !== side) continue;
    const term = termOf(row, kind);
    if (term.price !== null) prices.push(term.told);
    else if (all || !term.isOne) multiples.push(term.told);
  }
  return { multiples, prices };
}
