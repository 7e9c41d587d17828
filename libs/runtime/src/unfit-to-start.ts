/**
 * Why a process cannot start, in a sentence for whoever set it up, and what to do about it. Its message is printed instead of a
 * stack trace; it holds no secret.
 */
export interface UnfitToStart extends Error {
  /** What to do, a sentence. */
  readonly remedy: string;
}

export const isUnfitToStart = (error: unknown): error is UnfitToStart =>
  error instanceof Error && 'remedy' in error && typeof error.remedy === 'string';

/** What is printed of an error that keeps a process from starting. */
export const startFailureText = ({ message, remedy }: UnfitToStart): string => `${message}\n${remedy}`;
