import type { Question } from '../../reports/grouped/question';
import { dayIn } from '../naive-calendar';
import { money } from './amounts';
import type { Note, Piece } from './pieces';

/** Payments of recharges. */
export function recharges({ from, end, zone }: Question, pieces: readonly Piece[], note: Note): void {
  for (const { account, when, event } of pieces) {
    if (when < (from ?? -Infinity) || when >= (end ?? Infinity)) continue;
    const day = dayIn(when, zone);
    const of = (provider: string, currency: string) => ({ account, provider, currency, day, month: day.slice(0, 7) });
    if (event.type === 'WalletRecharged') {
      const values = of(event.provider, event.paid.currency);
      note(values, 'count', 1n);
      note(values, `paid.${event.paid.currency}`, money(event.paid.amount));
      note(values, 'credited', money(event.credited));
      note(values, 'receivableSettled', money(event.settled));
    } else if (event.type === 'RechargeRefunded') {
      const values = of(event.provider, event.paidBack.currency);
      note(values, 'refunded', money(event.refunded));
      note(values, `paidBack.${event.paidBack.currency}`, money(event.paidBack.amount));
    } else if (event.type === 'DisputeClosed' && event.outcome === 'lost') {
      const values = of(event.provider, event.disputed.currency);
      note(values, 'disputed', money(event.amount));
      note(values, `paidBack.${event.disputed.currency}`, money(event.disputed.amount));
    }
  }
}
