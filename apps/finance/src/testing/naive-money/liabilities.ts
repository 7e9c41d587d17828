import type { Question } from '../../reports/grouped/question';
import { money } from './amounts';
import { earnedAt, feesBefore } from './fees';
import { legsOf } from './legs';
import { lotsOf } from './lots';
import type { Note, Piece } from './pieces';
import { pools } from './pools';

/** What accounts have and owe. */
export function liabilities({ end, derivedAt }: Question, pieces: readonly Piece[], note: Note): void {
  const shown = pieces.filter(({ when }) => when <= (end ?? Infinity));
  for (const account of new Set(shown.map((piece) => piece.account))) {
    const own = shown.filter((piece) => piece.account === account);
    const lots = lotsOf(
      pieces.filter((piece) => piece.account === account),
      new Set(own),
    );
    let frozen = 0n;
    for (const { event } of own) {
      if (event.type === 'RechargeDisputed') frozen += money(event.frozen);
      if (event.type === 'DisputeClosed') frozen -= money(event.thawed);
    }
    for (const { isPaid, expires, left } of lots) {
      const there = expires <= derivedAt ? 0n : left;
      note({ account }, isPaid ? 'wallet.paid' : 'wallet.granted', there);
      note({ account }, 'wallet.total', there);
    }
    note({ account }, 'wallet.frozen', frozen);
    for (const piece of own)
      for (const [ledgerAccount, , amount] of legsOf(piece))
        if (ledgerAccount.startsWith('assets:receivable:')) note({ account }, 'receivable', amount);
    pools(own, account, derivedAt, note);
    for (const fee of feesBefore(Infinity, own))
      note({ account }, 'deferred', fee.price - earnedAt(fee, derivedAt) - fee.credited);
  }
}
