import type { AccountEvent } from '@meterbook/domain/account/events';
import type { Question } from '../../reports/grouped/question';
import { money } from './amounts';
import type { Note, Piece } from './pieces';

const DAY_MS = 86_400_000;

interface NaiveDebt {
  readonly key: string;
  readonly account: string;
  readonly occurred: number;
  open: bigint;
  shown: bigint;
}

/** What accounts owe, by how long. */
export function receivables({ end, derivedAt }: Question, pieces: readonly Piece[], note: Note): void {
  const debts: NaiveDebt[] = [];
  for (const { account, revision, place, when, occurred, event, charge } of pieces) {
    const isShown = when <= (end ?? Infinity);
    const owed = charge ? charge.owed : event.type === 'DisputeClosed' ? event.owed : undefined;
    if (owed !== undefined) {
      const open = money(owed);
      debts.push({ key: `${revision} ${place}`, account, occurred, open, shown: isShown ? open : 0n });
    }
    for (const [amount, first] of paidBy(event)) {
      const mine = debts.filter((debt) => debt.account === account);
      const own = mine.filter(({ key }) => key === first);
      let left = amount;
      for (const debt of [...own, ...mine.sort((a, b) => a.occurred - b.occurred)]) {
        const paid = debt.open < left ? debt.open : left;
        debt.open -= paid;
        if (isShown) debt.shown -= paid;
        left -= paid;
      }
    }
  }
  for (const { account, occurred, shown } of debts) {
    const days = Math.floor((derivedAt - occurred) / DAY_MS);
    note({ account }, 'total', shown);
    note(
      { account },
      days <= 30 ? 'age.upTo30' : days <= 60 ? 'age.upTo60' : days <= 90 ? 'age.upTo90' : 'age.older',
      shown,
    );
  }
}

/** What an event takes off what is owed, and which charge's debt first, if any. */
function paidBy(event: AccountEvent): readonly (readonly [amount: bigint, first: string | null])[] {
  const sum = (lots: readonly (readonly [number, string])[]): bigint =>
    lots.reduce((total, [, amount]) => total + money(amount), 0n);
  if (event.type === 'DisputeClosed') return event.outcome === 'won' ? [[money(event.settled ?? '0'), null]] : [];
  if (event.type === 'ReceivableWrittenOff') return [[money(event.amount), null]];
  if (event.type === 'AccountSettingsChanged') return 'settled' in event ? [[sum(event.settled), null]] : [];
  if (event.type === 'UsageReversed')
    return [
      [money(event.forgiven), `${event.charge.revision} ${event.charge.index}`],
      [sum(event.settledFrom), null],
    ];
  return 'settled' in event ? [[money(event.settled), null]] : [];
}
