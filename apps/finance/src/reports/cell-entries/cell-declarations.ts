import { amount, type ReportDeclaration } from '../grouped/declaration';
import { declaredReports } from '../grouped/declared-reports';
import { trialBalance } from '../../projections/trial-balance/trial-balance';

/** A report whose cells can be taken apart into their entries. */
export interface CellDeclaration extends ReportDeclaration {
  /** Dimensions without which a cell is none. */
  readonly mustName: readonly string[];
}

/** A line of the trial balance, as a cell: its own, or a control line that adds up those of all accounts. */
const trialBalanceLine: CellDeclaration = {
  name: 'trial-balance',
  operationId: 'viewTrialBalance',
  summary: 'A line of the trial balance',
  kind: 'balances',
  dimensions: ['ledgerAccount', 'commodity'],
  mustName: ['ledgerAccount', 'commodity'],
  hasLabels: false,
  projection: trialBalance.name,
  measures: [
    amount('debit', 'Debits of the line'),
    amount('credit', 'Credits of the line'),
    amount('balance', 'Debits less credits'),
  ],
};

/** Every report whose cells can be taken apart: all that are by groups, and the trial balance. */
export const cellDeclarations: readonly CellDeclaration[] = [
  ...declaredReports.map((declaration) => ({ ...declaration, mustName: [] })),
  trialBalanceLine,
];

/** The declaration of a report whose cells can be taken apart; throws on any other name. */
export function cellDeclarationOf(report: string): CellDeclaration {
  const declaration = cellDeclarations.find(({ name }) => name === report);
  if (!declaration) throw new Error(`no report is called ${report}`);
  return declaration;
}
