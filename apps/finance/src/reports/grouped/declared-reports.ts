import { charges } from '../../projections/charges/charges';
import { moneyReports } from '../money/declared-reports';
import { amount, count, type ReportDeclaration } from './declaration';

/** What a charge is grouped by, in the reports of charges. */
const chargeDimensions = ['day', 'month', 'model', 'tier', 'group', 'channel', 'apiKey', 'plan', 'account'];

const ofCharges = {
  kind: 'movements',
  dimensions: chargeDimensions,
  hasLabels: true,
  projection: charges.name,
} as const;

/** Every report by groups. Its measures stand in the order of the answer, and its source adds them up by their places. */
export const declaredReports: readonly ReportDeclaration[] = [
  {
    ...ofCharges,
    name: 'usage',
    operationId: 'viewUsage',
    summary: 'What was used and charged in a period, by groups',
    measures: [
      count('charges', 'How many charges were booked'),
      count('reversals', 'How many charges were reversed'),
      {
        name: 'units',
        kind: 'amounts',
        description: 'Units as the usage reported them, less those of the charges reversed, by name',
      },
      amount('amount', 'What was charged, less what was reversed'),
      amount('paidBy.main', 'Credits that main pools paid'),
      amount('paidBy.backup', 'Credits that backup pools paid'),
      amount('paidBy.wallet', 'Money that wallets paid'),
      amount('paidBy.receivable', 'Money that nobody had paid yet when it was charged'),
    ],
  },
  {
    ...ofCharges,
    name: 'revenue',
    operationId: 'viewRevenue',
    summary: 'What was earned in a period, by usage and by subscriptions, by groups',
    measures: [
      amount('usage', 'Revenue of usage: what wallets paid and what is owed'),
      amount('subscriptions', 'What was earned of subscription fees'),
      amount('total', 'Both together'),
    ],
  },
  {
    ...ofCharges,
    name: 'margin',
    operationId: 'viewMargin',
    summary: 'What was charged in a period beside what upstream took, by groups',
    measures: [
      amount('charged', 'What was charged, less what was reversed'),
      amount('cost', 'What upstream took; a reversal does not bring it back'),
      amount('margin', 'Charged less cost'),
    ],
  },
  ...moneyReports,
];

/** The declaration of a report; throws on a name that no report has. */
export function declarationOf(report: string): ReportDeclaration {
  const declaration = declaredReports.find(({ name }) => name === report);
  if (!declaration) throw new Error(`no report is called ${report}`);
  return declaration;
}
