import { chargeAnswer, chargeDraws, type ChargeAnswer, type DrawAnswer } from '../answers';
import type { Charge } from './events';

/** A charge as whoever asks for it is told. */
export type ToldCharge = ChargeAnswer & { readonly sentence: string };

/** A charge as it is shown, with its sentence; `reversed` is the account's word on it. */
export function toldCharge(charge: Charge, currency: string, reversed: boolean): ToldCharge {
  return { ...chargeAnswer(charge, currency, reversed), sentence: chargeSentence(charge, currency) };
}

/** What a charge was for and what paid it, in a sentence that a customer understands. */
export function chargeSentence(charge: Charge, currency: string): string {
  const { model, units, amount } = charge;
  const used = Object.entries(units).map(([unit, count]) => `${count} ${inWords(unit)}`);
  const what = used.length === 0 ? model : `${model} (${used.join(', ')})`;
  const paid = chargeDraws(charge).map((draw) => drawInWords(draw, currency));
  return `${[`${what} cost ${amount} ${currency}`, ...paid].join(', ')}.`;
}

function drawInWords({ from, credits, amount }: DrawAnswer, currency: string): string {
  if (from === 'receivable') return `${amount ?? ''} ${currency} of it still owed then`;
  if (from === 'wallet') return `${amount ?? ''} ${currency} paid from the wallet`;
  return `${credits ?? ''} credits paid from the ${from} pool`;
}

/** The name of a unit as words: `cacheReadTokens` are cache read tokens. */
function inWords(unit: string): string {
  return unit.replace(/[A-Z]+|[0-9]+[a-z]*/g, (part) => ` ${part.toLowerCase()}`);
}
