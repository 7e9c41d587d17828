import type { Database } from '@meterbook/runtime/sqlite';
import type { BookedEvent, Fold, Projection } from '../projection';
import { DebtRows, debtsSchema, debtsTable } from './debt-rows';
import { PaymentRows, paymentsSchema, paymentsTable } from './payment-rows';

/** Money that came in by recharges and went back, and what is owed and how it was paid: a row each, by both times. */
export const recharges: Projection = {
  name: 'recharges',
  layout: 1,
  schema: `${paymentsSchema}${debtsSchema}`,
  tables: [paymentsTable, debtsTable],
  open: (database) => new RechargesFold(database),
};

class RechargesFold implements Fold {
  private readonly payments: PaymentRows;
  private readonly debts: DebtRows;

  constructor(database: Database) {
    this.payments = new PaymentRows(database);
    this.debts = new DebtRows(database);
  }

  take(booked: BookedEvent): void {
    const payment = this.payments.of(booked);
    const debts = this.debts.of(booked);
    // Whatever makes no sense has been refused by now.
    if (payment) this.payments.add(payment);
    for (const debt of debts) this.debts.add(debt);
  }

  write(): void {
    this.payments.write();
    this.debts.write();
  }
}
