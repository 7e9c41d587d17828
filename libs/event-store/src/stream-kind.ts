/** A kind of stream, told by how the names begin. A store is told all of them: it knows none itself. */
export interface StreamKind {
  /** What every name of the kind begins with; of a single stream its whole name. */
  readonly prefix: string;
  /** Whether older events may be dropped: only of what can be derived again. */
  readonly mayAge: boolean;
}
