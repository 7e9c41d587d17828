import type { Failure } from '../reports/thread/report-messages';
import type { Compared, ReconciliationTask } from './question';

/** What the thread of a reconciliation tells. */
export type FromReconcileThread =
  { readonly kind: 'made'; readonly compared: Compared } | { readonly kind: 'failed'; readonly failure: Failure };

/** Compares a bill in a thread of its own, until the signal is aborted. */
export type Reconcile = (task: ReconciliationTask, signal: AbortSignal) => Promise<Compared>;
