import type { ProjectionSnapshot } from '../../projections/projection-reader';
import type { Groups } from './groups';
import type { Grouping, Question } from './question';

/** Adds up a report from a projection as it stands. It gives others their turn in between. */
export type ReportSource = (
  snapshot: ProjectionSnapshot,
  question: Question,
  grouping: Grouping,
  groups: Groups,
) => Promise<void>;
