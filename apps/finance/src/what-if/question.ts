/** What a what-if asks; plain data, so that it can be kept and sent to a thread. Instants are milliseconds since 1970. */
export interface WhatIfQuestion {
  readonly platform: string;
  /** Since when the rulebook is supposed, and from when on what occurred is counted. */
  readonly from: number;
  readonly to: number;
  /** IANA name: it cuts days and months. */
  readonly zone: string;
  readonly groupBy: readonly string[];
}

/** What a thread is given to work on. */
export interface WhatIfTask {
  readonly question: WhatIfQuestion;
  /** JSON text of the supposed rulebook; null for those that were in force. */
  readonly rulebook: string | null;
  /** Where the result goes: a file that is not there yet. */
  readonly file: string;
}

/** How far a what-if is. */
export interface WhatIfProgress {
  /** From 0 to 1. */
  readonly part: number;
  /** Accounts that had something in the span, as far as they were met. */
  readonly accounts: number;
}

/** Accounts that a result stands without from some event on, since their streams cannot be read. */
export interface LeftOut {
  readonly count: number;
  /** The first of them, by name. */
  readonly accounts: readonly string[];
}

/** What a finished what-if says beside its items. */
export interface WhatIfSummary {
  readonly accounts: number;
  readonly totals: Comparison;
  /** By code. */
  readonly refused: readonly { readonly code: string; readonly count: number }[];
  readonly damaged: LeftOut;
}

/** What was charged, and what would have been. */
export interface Comparison {
  readonly actual: Side;
  readonly simulated: Side;
  /** Simulated amount less the actual one. */
  readonly difference: string;
}

export interface Side {
  readonly charges: number;
  readonly amount: string;
  readonly cost: string;
  readonly paidBy: {
    readonly main: string;
    readonly backup: string;
    readonly wallet: string;
    readonly receivable: string;
  };
}
