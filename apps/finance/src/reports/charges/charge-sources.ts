import { decimal, negate } from '@meterbook/domain/amount/decimal';
import { OTHER_LABELS } from '@meterbook/domain/usage/labels';
import type { Clock } from '@meterbook/runtime/clock';
import type { KeptAmount, Measures } from '../../projections/charges/charge-row';
import { visitCharges, type CellKey } from '../../projections/charges/read-charges';
import type { ProjectionSnapshot } from '../../projections/projection-reader';
import { Calendar, QUARTER_MS } from '../grouped/calendar';
import { labelOf } from '../grouped/declaration';
import type { Groups } from '../grouped/groups';
import type { Grouping, Question } from '../grouped/question';
import type { ReportSource } from '../grouped/source';
import type { Sums } from '../grouped/sums';
import { countFees } from './count-fees';

/** Dimensions that a charge has one of within its account. */
const ofAccount = ['account', 'apiKey'];

/** What adds up the reports of charges. Measures are named by their places in the declarations. */
export function chargeSources(clock: Clock): Readonly<Record<string, ReportSource>> {
  return {
    usage: (snapshot, question, grouping, groups) =>
      countCharges(snapshot, question, grouping, groups, clock, addUsage),
    margin: (snapshot, question, grouping, groups) =>
      countCharges(snapshot, question, grouping, groups, clock, addMargin),
    revenue: async (snapshot, question, grouping, groups) => {
      await countCharges(snapshot, question, grouping, groups, clock, addRevenue);
      await countFees(snapshot.database, question, grouping, groups, clock);
    },
  };
}

function addUsage(sums: Sums, measures: Measures): void {
  const [charges, reversals, amount, , main, backup, wallet, receivable, , units] = measures;
  sums.count(0, charges);
  sums.count(1, reversals);
  if (units !== 0) for (const name in units) sums.addTextTo(2, name, String(units[name] ?? 0));
  for (const [at, paid] of [amount, main, backup, wallet, receivable].entries()) addKept(sums, 3 + at, paid);
}

function addMargin(sums: Sums, [, , amount, cost]: Measures): void {
  addKept(sums, 0, amount);
  addKept(sums, 1, cost);
  addKept(sums, 2, amount);
  if (cost !== 0) sums.add(2, negate(decimal(cost)));
}

function addRevenue(sums: Sums, measures: Measures): void {
  const [, , , , , , wallet, receivable, beside] = measures;
  for (const part of [wallet, receivable, beside]) {
    addKept(sums, 0, part);
    addKept(sums, 2, part);
  }
}

function addKept(sums: Sums, measure: number, amount: KeptAmount): void {
  if (amount !== 0) sums.addText(measure, amount);
}

/** The group of what lies in a quarter of an hour; undefined where it is filtered out. */
class CellGroups {
  private readonly calendar: Calendar;
  private readonly cutsTime: boolean;
  private readonly labels: readonly string[];
  private key: CellKey | undefined;
  private readonly sumsOfTime = new Map<string, Sums | null>();

  constructor(
    { zone }: Question,
    private readonly grouping: Grouping,
    private readonly groups: Groups,
  ) {
    this.calendar = new Calendar(zone);
    this.cutsTime = grouping.needed.has('day') || grouping.needed.has('month');
    this.labels = [...grouping.needed].map(labelOf).filter((label) => label !== undefined);
  }

  of(key: CellKey, quarter: number): Sums | undefined {
    if (this.key !== key) {
      this.key = key;
      this.sumsOfTime.clear();
    }
    const time = this.cutsTime ? this.calendar.day(quarter) : '';
    const known = this.sumsOfTime.get(time);
    if (known !== undefined) return known ?? undefined;
    const values = this.grouping.valuesOf((dimension) => this.valueOf(dimension, key, quarter));
    const sums = values ? this.groups.of(values) : null;
    this.sumsOfTime.set(time, sums);
    if (sums) for (const label of this.labels) if (key.labels?.[label] === OTHER_LABELS) this.groups.noteCapped(label);
    return sums ?? undefined;
  }

  /** Lets go of the sums it holds, so that groups can be put away. */
  settle(): void {
    this.key = undefined;
    this.groups.settle();
  }

  private valueOf(dimension: string, { dimensions, account, apiKey, labels }: CellKey, quarter: number): string | null {
    const [model, tier, group, channel, plan] = dimensions;
    switch (dimension) {
      case 'day':
      case 'month':
        return this.calendar.value(dimension, quarter);
      case 'model':
        return model;
      case 'tier':
        return tier;
      case 'group':
        return group;
      case 'channel':
        return channel;
      case 'plan':
        return plan;
      case 'account':
        return account;
      case 'apiKey':
        return apiKey;
      default:
        return labels?.[labelOf(dimension) ?? ''] ?? null;
    }
  }
}

async function countCharges(
  { database }: ProjectionSnapshot,
  question: Question,
  grouping: Grouping,
  groups: Groups,
  clock: Clock,
  addTo: (sums: Sums, measures: Measures) => void,
): Promise<void> {
  const { platform, basis, from, end } = question;
  const cells = new CellGroups(question, grouping, groups);
  const detailed = [...grouping.needed].some((name) => ofAccount.includes(name) || labelOf(name) !== undefined);
  const asked = {
    platform,
    basis,
    fromQuarter: from === null ? -Infinity : from / QUARTER_MS,
    toQuarter: end === null ? Infinity : end / QUARTER_MS,
    detailed,
  };
  const visit = (key: CellKey, quarter: number, measures: Measures): void => {
    const sums = cells.of(key, quarter);
    if (sums) addTo(sums, measures);
  };
  await visitCharges(database, asked, visit, () => {
    cells.settle();
    return clock.sleep(0);
  });
}

/** What adds the measures of a charge to those of a report, by the report's name. */
export const chargeAdders: Readonly<Record<string, (sums: Sums, measures: Measures) => void>> = {
  usage: addUsage,
  margin: addMargin,
  revenue: addRevenue,
};
