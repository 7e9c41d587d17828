import type { Database, Statement } from '@meterbook/runtime/sqlite';
import { decimal, toText } from '@meterbook/domain/amount/decimal';
import { storedInstant } from '@meterbook/domain/time/instant';
import type { BookedEvent } from '../projection';

export const paymentsSchema = `
  CREATE TABLE payments (
    platform TEXT NOT NULL, account TEXT NOT NULL, revision INTEGER NOT NULL, kind TEXT NOT NULL, provider TEXT NOT NULL,
    currency TEXT NOT NULL, booked INTEGER NOT NULL, occurred INTEGER NOT NULL, paid TEXT NOT NULL, amount TEXT NOT NULL,
    settled TEXT NOT NULL, PRIMARY KEY (platform, account, revision)
  ) WITHOUT ROWID;`;

export const paymentsTable = { name: 'payments', key: ['platform', 'account', 'revision'] };

/** Money of a recharge that came in, was refunded, or was taken back by a dispute that was lost. Instants are milliseconds since 1970. */
export interface PaymentRow {
  readonly account: string;
  readonly revision: number;
  readonly kind: 'recharge' | 'refund' | 'lost';
  readonly provider: string;
  /** The currency paid, in which `paid` is, without fees. */
  readonly currency: string;
  readonly booked: number;
  readonly occurred: number;
  readonly paid: string;
  /** The same in the wallet's currency. */
  readonly amount: string;
  /** What of a recharge settled what was owed, in the wallet's currency. */
  readonly settled: string;
}

type Payment = PaymentRow & { readonly platform: string };
type Moved = Pick<PaymentRow, 'kind' | 'provider' | 'currency' | 'paid' | 'amount' | 'settled'> & {
  readonly occurredAt: string;
};

/** Keeps the payments of recharges: a row each. */
export class PaymentRows {
  private readonly insert: Statement<
    [string, string, number, string, string, string, number, number, string, string, string]
  >;
  private added: Payment[] = [];

  constructor(database: Database) {
    this.insert = database.prepare('INSERT INTO payments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  }

  /** The payment that an event is; undefined for none. Throws where it makes no sense. */
  of({ platform, account, revision, bookedAt, event }: BookedEvent): Payment | undefined {
    const moved = movedBy(event);
    if (!moved) return undefined;
    const { occurredAt, paid, amount, settled, provider, currency, kind } = moved;
    if (typeof provider !== 'string' || typeof currency !== 'string')
      throw new Error('it names no provider or currency');
    const texts = { paid: toText(decimal(paid)), amount: toText(decimal(amount)), settled: toText(decimal(settled)) };
    const occurred = storedInstant(occurredAt);
    return { platform, account, revision, kind, provider, currency, booked: bookedAt, occurred, ...texts };
  }

  add(payment: Payment): void {
    this.added.push(payment);
  }

  /** Inside the caller's transaction. */
  write(): void {
    for (const { platform, account, revision, kind, provider, currency, booked, occurred, ...texts } of this.added) {
      const { paid, amount, settled } = texts;
      this.insert.run(platform, account, revision, kind, provider, currency, booked, occurred, paid, amount, settled);
    }
    this.added = [];
  }
}

function movedBy(event: BookedEvent['event']): Moved | undefined {
  if (event.type === 'WalletRecharged') {
    const { provider, paid, credited, settled, occurredAt } = event;
    return {
      kind: 'recharge',
      provider,
      currency: paid.currency,
      paid: paid.amount,
      amount: credited,
      settled,
      occurredAt,
    };
  }
  if (event.type === 'RechargeRefunded') {
    const { provider, paidBack, refunded, occurredAt } = event;
    return {
      kind: 'refund',
      provider,
      currency: paidBack.currency,
      paid: paidBack.amount,
      amount: refunded,
      settled: '0',
      occurredAt,
    };
  }
  if (event.type !== 'DisputeClosed' || event.outcome !== 'lost') return undefined;
  const { provider, disputed, amount, occurredAt } = event;
  return {
    kind: 'lost',
    provider,
    currency: disputed.currency,
    paid: disputed.amount,
    amount,
    settled: '0',
    occurredAt,
  };
}
