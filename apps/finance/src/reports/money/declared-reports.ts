import { charges } from '../../projections/charges/charges';
import { recharges } from '../../projections/recharges/recharges';
import { trialBalance } from '../../projections/trial-balance/trial-balance';
import { amount, amounts, count, type ReportDeclaration } from '../grouped/declaration';

/** The reports of money that came in and of what is owed. */
export const moneyReports: readonly ReportDeclaration[] = [
  {
    name: 'recharges',
    operationId: 'viewRecharges',
    summary: 'What was paid in by recharges in a period, and what went back, by groups',
    kind: 'movements',
    dimensions: ['day', 'month', 'provider', 'currency', 'account'],
    hasLabels: false,
    projection: recharges.name,
    measures: [
      count('count', 'How many recharges there were'),
      amounts('paid', 'What was paid, by currency'),
      amount('credited', 'What it came to in the currency of the wallet, with what settled a receivable'),
      amount('receivableSettled', 'What of that settled a receivable'),
      amount('refunded', 'What was refunded, on the day of the refund, in the currency of the wallet'),
      amount('disputed', 'What was taken back by disputes, on the day they were lost, in the currency of the wallet'),
      amounts('paidBack', 'What was paid back for both, without fees, by currency'),
    ],
  },
  {
    name: 'deferred',
    operationId: 'viewDeferred',
    summary: 'Subscription fees that are not earned yet, and how they moved in a period, by groups',
    kind: 'movements',
    dimensions: ['plan', 'account'],
    hasLabels: false,
    projection: charges.name,
    measures: [
      amount('opening', 'What was not earned yet at the beginning'),
      amount('sold', 'Fees that were paid'),
      amount('earned', 'What of fees was earned'),
      amount('credited', 'What switches of plans credited of fees'),
      amount('closing', 'Opening and sold, less earned and credited'),
    ],
  },
  {
    name: 'liabilities',
    operationId: 'viewLiabilities',
    summary: 'What accounts have and owe as of an instant, by groups',
    kind: 'balances',
    dimensions: ['account'],
    hasLabels: false,
    projection: trialBalance.name,
    measures: [
      amount('wallet.paid', 'Money in wallets that was paid, or that switches of plans credited'),
      amount('wallet.granted', 'Money in wallets that was granted'),
      amount('wallet.total', 'Both together'),
      amount('wallet.frozen', 'What of the money that was paid disputes have frozen'),
      amount('deferred', 'Subscription fees that are not earned yet'),
      amount('pools.main', 'Credits of main pools, those of renewals that wait included'),
      amount('pools.backup', 'Credits of backup pools, those of renewals that wait included'),
      amount('receivable', 'What accounts owe'),
    ],
  },
  {
    name: 'receivables',
    operationId: 'viewReceivables',
    summary: 'What accounts owe as of an instant, by how long they have owed it, by groups',
    kind: 'balances',
    dimensions: ['account'],
    hasLabels: false,
    projection: recharges.name,
    measures: [
      amount('total', 'What is owed'),
      amount('age.upTo30', 'Of that for up to 30 whole days since the charge occurred, or the dispute was lost'),
      amount('age.upTo60', 'For 31 to 60 days'),
      amount('age.upTo90', 'For 61 to 90 days'),
      amount('age.older', 'For longer'),
    ],
  },
];
