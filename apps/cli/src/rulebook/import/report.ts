import { changes, reasons, type ChangeKind, type Findings, type Reason } from './findings';
import type { ImportedRulebook } from './rulebook-content';

/** Names that a line of the report shows; the JSON has them all. */
const SHOWN_NAMES = 5;
/** Details of one name that a line shows. */
const SHOWN_DETAILS = 2;
const SHOWN_WARNINGS = 20;

/** What became of a list, whole. */
export interface Report {
  readonly entries: number;
  readonly taken: number;
  readonly takenWithAChange: number;
  readonly leftOut: number;
  readonly notAsked: number;
  readonly changes: readonly { readonly model: string; readonly kind: ChangeKind; readonly detail: string }[];
  readonly left: readonly { readonly entry: string; readonly reason: Reason; readonly detail: string }[];
  readonly warnings: string[];
}

export function reportOf({ models }: ImportedRulebook, { changed, leftOut, notAsked, warnings }: Findings): Report {
  const withChanges = models.filter(({ id }) => changed.has(id));
  return {
    entries: models.length + leftOut.length + notAsked,
    taken: models.length,
    takenWithAChange: withChanges.length,
    leftOut: leftOut.length,
    notAsked,
    changes: withChanges.flatMap(({ id }) => (changed.get(id) ?? []).map((change) => ({ model: id, ...change }))),
    left: leftOut.map(({ id, reason, detail }) => ({ entry: id, reason, detail })),
    warnings,
  };
}

/** The report for a person: counts, and a few names of each kind. */
export function* reportLines(report: Report): Iterable<string> {
  const { entries, taken, takenWithAChange, leftOut, notAsked, warnings } = report;
  const others = notAsked > 0 ? `, ${notAsked} not asked for` : '';
  yield `${entries} entries: ${taken} taken, ${takenWithAChange} of them with a change, ${leftOut} left out${others}.`;
  const byKind = grouped(report.changes, ({ kind }) => kind);
  if (byKind.size > 0) yield 'Taken with a change:';
  for (const [kind, found] of byKind)
    yield `  ${changes[kind]}: ${namesOf(found.map(({ model, detail }) => [model, detail]))}`;
  const byReason = grouped(report.left, ({ reason }) => reason);
  if (byReason.size > 0) yield 'Left out:';
  for (const [reason, found] of byReason)
    yield `  ${reasons[reason]}: ${namesOf(found.map(({ entry, detail }) => [entry, detail]))}`;
  for (const warning of warnings.slice(0, SHOWN_WARNINGS)) yield `Warning: ${warning}.`;
  if (warnings.length > SHOWN_WARNINGS) yield `and ${warnings.length - SHOWN_WARNINGS} warnings more.`;
}

function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

function namesOf(found: readonly (readonly [name: string, detail: string])[]): string {
  const byName = grouped(found, ([name]) => name);
  const shown = [...byName].slice(0, SHOWN_NAMES).map(([name, details]) => `${name} (${detailsOf(details)})`);
  const more = byName.size > SHOWN_NAMES ? [`and ${byName.size - SHOWN_NAMES} more`] : [];
  return `${byName.size}: ${[...shown, ...more].join(', ')}`;
}

function detailsOf(details: readonly (readonly [name: string, detail: string])[]): string {
  const shown = details.slice(0, SHOWN_DETAILS).map(([, detail]) => detail);
  return [...shown, ...(details.length > SHOWN_DETAILS ? ['…'] : [])].join('; ');
}
