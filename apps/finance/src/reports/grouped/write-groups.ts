import { toText } from '@meterbook/domain/amount/decimal';
import { formatInstant } from '@meterbook/domain/time/instant';
import { csvLine, csvText } from '../csv';
import type { DamagedAccounts } from '../damaged-accounts';
import type { ReportDeclaration } from './declaration';
import { compareByCodePoint } from './code-points';
import { compareValues, type Groups } from './groups';
import type { GroupCursor } from './group-cursor';
import type { GroupValues, Question } from './question';
import { Sums } from './sums';

/** A report as it was added up. */
export interface GroupedReport {
  readonly question: Question;
  readonly declaration: ReportDeclaration;
  readonly currency: string | null;
  /** Store time before which everything is in it, milliseconds since 1970; −1 before the first event. */
  readonly watermark: number;
  readonly final: boolean;
  readonly damaged: DamagedAccounts;
  readonly groups: Groups;
}

/** What a report says of its axes. */
export type ToldAxes = Omit<GroupedReport, 'damaged' | 'groups'> & { readonly groups: Pick<Groups, 'cappedLabels'> };

/** The report as JSON text: a page of the items, and the totals of all. */
export function* groupedJson(report: GroupedReport, cursor: GroupCursor): Iterable<string> {
  const { question, declaration, groups, damaged } = report;
  const { groupBy, page, derivedAt } = question;
  const [after, limit] = [page?.after ?? null, page?.limit ?? Infinity];
  const totals = new Sums();
  let [told, next]: [number, string | null] = [0, null];
  let last: GroupValues | undefined;
  yield `${JSON.stringify({ ...axesOf(report), ...(damaged.count > 0 && { damaged }) }).slice(0, -1)},"items":[`;
  for (const { values, sums } of groups.inOrder()) {
    totals.addAll(sums, declaration.measures);
    if (after !== null && compareValues(values, after) <= 0) continue;
    if (told === limit) {
      if (last) next ??= cursor.write({ derivedAt, after: last });
      continue;
    }
    const dimensions = groupBy.map((name, at): [string, unknown] => [name, values[at]]);
    const item = { ...Object.fromEntries(dimensions), ...measuresOf(sums, declaration) };
    yield (told === 0 ? '' : ',') + JSON.stringify(item);
    told += 1;
    last = values;
  }
  yield `],"totals":${JSON.stringify(measuresOf(totals, declaration))},"next":${JSON.stringify(next)}}`;
}

/** What is said of the whole, beside the figures. */
export function axesOf({ question, declaration, currency, watermark, final, groups }: ToldAxes): object {
  const { basis, zone, from, end, derivedAt, groupBy, filters } = question;
  const shown = (at: number | null): string | null => (at === null ? null : formatInstant(at));
  return {
    basis,
    zone,
    ...(declaration.kind === 'movements' ? { from: shown(from), to: shown(end) } : { asOf: formatInstant(derivedAt) }),
    completeTo: watermark < 0 ? null : formatInstant(watermark),
    final,
    currency,
    groupBy,
    filters: Object.fromEntries(filters),
    ...(declaration.hasLabels && { cappedLabels: groups.cappedLabels }),
  };
}

/** The measures by name, those of one dotted name within each other. */
export function measuresOf(sums: Sums, { measures }: ReportDeclaration): Record<string, unknown> {
  const told: Record<string, unknown> = {};
  for (const [at, { name, kind }] of measures.entries()) {
    const value =
      kind === 'count'
        ? sums.countOf(at)
        : kind === 'amount'
          ? toText(sums.amountOf(at))
          : Object.fromEntries(sums.amountsOf(at).map(([key, amount]) => [key, toText(amount)]));
    const [outer = name, inner] = name.split('.');
    if (inner === undefined) told[outer] = value;
    else told[outer] = { ...(told[outer] as object | undefined), [inner]: value };
  }
  return told;
}

/** The report as CSV: a line for each item, and of what is told by name a column for each name in use. */
export function* groupedCsv({ question, declaration, groups }: GroupedReport): Iterable<string> {
  const columns = declaration.measures.flatMap(({ name, kind }, at): Column[] => {
    if (kind === 'count') return [{ name, of: (sums) => String(sums.countOf(at)) }];
    if (kind === 'amount') return [{ name, of: (sums) => toText(sums.amountOf(at)) }];
    return namesIn(groups, at).map((key) => ({ name: `${name}.${key}`, of: (sums) => amountNamed(sums, at, key) }));
  });
  yield csvLine([...question.groupBy, ...columns.map(({ name }) => name)].map(csvText));
  for (const { values, sums } of groups.inOrder())
    yield csvLine([...values.map(csvText), ...columns.map(({ of }) => of(sums))]);
}

interface Column {
  readonly name: string;
  readonly of: (sums: Sums) => string | null;
}

function namesIn(groups: Groups, measure: number): string[] {
  const names = new Set<string>();
  for (const { sums } of groups.inOrder()) for (const [name] of sums.amountsOf(measure)) names.add(name);
  return [...names].sort(compareByCodePoint);
}

function amountNamed(sums: Sums, measure: number, name: string): string | null {
  const found = sums.amountsOf(measure).find(([other]) => other === name);
  return found ? toText(found[1]) : null;
}
