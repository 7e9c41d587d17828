import type { Configuration } from '@meterbook/runtime/configuration';
import type { LoopReport } from '@meterbook/host/loops/hosted-loops';

/** What a thread is started with. */
export interface ThreadStart {
  readonly configuration: Configuration;
}

/** What a thread tells the main thread. */
export type ThreadMessage =
  | { readonly kind: 'report'; readonly loops: readonly LoopReport[]; readonly metrics: readonly object[] }
  | { readonly kind: 'stopped' };

/** What the main thread tells a thread: stop your loops, let go of the engines, and end. */
export interface StopMessage {
  readonly kind: 'stop';
}

/** How often a thread reports. */
export const REPORT_EVERY_MS = 250;
/** A thread whose last report is older than this counts as down. */
export const REPORT_STALE_MS = 5_000;
