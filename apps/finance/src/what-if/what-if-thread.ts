import type { Failure } from '../reports/thread/report-messages';
import type { WhatIfProgress, WhatIfTask } from './question';

/** What the thread of a what-if tells. */
export type FromWhatIfThread =
  | { readonly kind: 'progress'; readonly progress: WhatIfProgress }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** A thread that makes one what-if. */
export interface WhatIfThread {
  readonly listen: (listener: (message: FromWhatIfThread) => void) => void;
  /** Calls back when the thread has ended, by itself or not. */
  readonly ended: (listener: () => void) => void;
  readonly end: () => void;
}

/** Starts a thread that makes a what-if. */
export type StartWhatIf = (task: WhatIfTask) => WhatIfThread;
