import type { Question } from '../../reports/grouped/question';
import { textOf } from './amounts';
import { deferred } from './fees';
import { liabilities } from './liabilities';
import { piecesOf, type BookedThen, type Note, type Piece } from './pieces';
import { receivables } from './receivables';
import { recharges } from './recharges';

/** The measures of each group that are not zero, by the JSON of its values. */
export type Figures = Readonly<Record<string, Readonly<Record<string, string>>>>;

const reports: Readonly<Record<string, (question: Question, pieces: readonly Piece[], note: Note) => void>> = {
  recharges,
  deferred,
  receivables,
  liabilities,
};

/** The figures of a report of money from all events, by the sentences of the specification and nothing else. */
export function naiveMoney(question: Question, booked: readonly BookedThen[]): Figures {
  const sums = new Map<string, Map<string, bigint>>();
  const note: Note = (values, measure, amount) => {
    if (!question.filters.every(([name, wanted]) => wanted.includes(values[name] ?? ''))) return;
    const key = JSON.stringify(question.groupBy.map((name) => values[name] ?? null));
    const group = sums.get(key) ?? new Map<string, bigint>();
    group.set(measure, (group.get(measure) ?? 0n) + amount);
    sums.set(key, group);
  };
  const pieces = piecesOf(question, booked);
  reports[question.report]?.(question, pieces, note);
  const shown = [...sums].map(([key, group]): [string, Record<string, string>] => [
    key,
    Object.fromEntries(
      [...group]
        .filter(([, amount]) => amount !== 0n)
        .map(([name, amount]) => [name, name === 'count' ? String(amount) : textOf(amount)]),
    ),
  ]);
  return Object.fromEntries(shown.filter(([, group]) => Object.keys(group).length > 0));
}
