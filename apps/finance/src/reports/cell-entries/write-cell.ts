import { legsText } from '../entries/booked-entry';
import { axesOf, measuresOf } from '../grouped/write-groups';
import { cellCursor } from './cell-cursor';
import { cellDeclarationOf } from './cell-declarations';
import type { CellPage } from './cell-report';

/** A page of the entries of a cell as JSON text. */
export function* cellJson(page: CellPage): Iterable<string> {
  const { question, items, next, damaged } = page;
  const declaration = cellDeclarationOf(question.report);
  const said = Object.entries(axesOf({ ...page, declaration, groups: { cappedLabels: [] } }));
  const axes = Object.fromEntries(said.filter(([name]) => name !== 'groupBy' && name !== 'cappedLabels'));
  yield `${JSON.stringify({ ...axes, ...(damaged.count > 0 && { damaged }) }).slice(0, -1)},"items":[`;
  let separator = '';
  for (const { event, account, reference, occurredAt, bookedAt, legs, sums, explain, sentence } of items) {
    const measures = measuresOf(sums, declaration);
    const entry = { event, account, reference, occurredAt, bookedAt, legs: legsText(legs) };
    yield separator + JSON.stringify({ ...entry, measures, explain, sentence });
    separator = ',';
  }
  yield `],"next":${JSON.stringify(cellCursor(question.report).write(next))}}`;
}
