import { toText } from '@meterbook/domain/amount/decimal';
import { formatInstant } from '@meterbook/domain/time/instant';
import { csvLine, csvText } from '../csv';
import type { DamagedAccounts } from '../damaged-accounts';
import type { ReportDeclaration } from './declaration';
import { Sums, compareByCodePoint, compareValues, type Group } from './groups';
import type { GroupCursor } from './group-cursor';
import type { Question } from './question';

/** A report as it was added up. */
export interface GroupedReport {
  readonly question: Question;
  readonly declaration: ReportDeclaration;
  readonly currency: string | null;
  /** Store time before which everything is in it, milliseconds since 1970; −1 before the first event. */
  readonly watermark: number;
  readonly final: boolean;
  readonly damaged: DamagedAccounts;
  readonly cappedLabels: readonly string[];
  /** In the order of the answer, without those that are zero in all. */
  readonly groups: readonly Group[];
}

/** The report as JSON text: a page of the items, and the totals of all. */
export function* groupedJson(report: GroupedReport, cursor: GroupCursor): Iterable<string> {
  const { question, declaration, groups, damaged } = report;
  const { groupBy, page } = question;
  const after = page?.after ?? null;
  const rest = after === null ? groups : groups.filter(({ values }) => compareValues(values, after) > 0);
  const told = page ? rest.slice(0, page.limit) : rest;
  yield `${JSON.stringify({ ...axesOf(report), ...(damaged.count > 0 && { damaged }) }).slice(0, -1)},"items":[`;
  let separator = '';
  for (const { values, sums } of told) {
    const dimensions = groupBy.map((name, at): [string, unknown] => [name, values[at]]);
    yield separator + JSON.stringify({ ...Object.fromEntries(dimensions), ...measuresOf(sums, declaration) });
    separator = ',';
  }
  const totals = new Sums();
  for (const { sums } of groups) totals.addAll(sums, declaration.measures);
  const last = told.length < rest.length ? told.at(-1) : undefined;
  const next = last ? cursor.write({ derivedAt: question.derivedAt, after: last.values }) : null;
  yield `],"totals":${JSON.stringify(measuresOf(totals, declaration))},"next":${JSON.stringify(next)}}`;
}

function axesOf({ question, declaration, currency, watermark, final, cappedLabels }: GroupedReport): object {
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
    ...(declaration.hasLabels && { cappedLabels }),
  };
}

/** The measures by name, those of one dotted name within each other. */
function measuresOf(sums: Sums, { measures }: ReportDeclaration): Record<string, unknown> {
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
  for (const { values, sums } of groups) yield csvLine([...values.map(csvText), ...columns.map(({ of }) => of(sums))]);
}

interface Column {
  readonly name: string;
  readonly of: (sums: Sums) => string | null;
}

function namesIn(groups: readonly Group[], measure: number): string[] {
  const names = new Set(groups.flatMap(({ sums }) => sums.amountsOf(measure).map(([name]) => name)));
  return [...names].sort(compareByCodePoint);
}

function amountNamed(sums: Sums, measure: number, name: string): string | null {
  const found = sums.amountsOf(measure).find(([other]) => other === name);
  return found ? toText(found[1]) : null;
}
