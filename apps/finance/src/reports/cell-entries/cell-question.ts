import type { Question } from '../grouped/question';
import type { CellPlace } from './cell-cursor';

/** Which entries of a cell are wanted; plain data. */
export interface CellQuestion {
  /** What the report is asked for: its filters are the values of the cell's group. */
  readonly question: Question;
  readonly place: CellPlace | null;
  readonly limit: number;
}
