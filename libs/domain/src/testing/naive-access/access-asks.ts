import type { Ask, Outcome } from '../naive-books/asks';
import type { NaiveLimits } from './access-rules';

/** A request for access, as a gateway sends it. */
export interface AskedAccess {
  readonly requestId: string;
  readonly model: string;
  readonly key: string | null;
  readonly group: string | null;
  readonly channel: string | null;
  readonly requests: number;
  readonly hold: boolean;
}

/** What may be asked of access, beside all that may be asked of an account. The clock says when; milliseconds since 1970. */
export type AccessCommand =
  | { readonly ask: 'authorize'; readonly request: AskedAccess; readonly now: number }
  /** Of the n-th authorization that set money aside. */
  | { readonly ask: 'release'; readonly authorization: number; readonly now: number }
  | { readonly ask: 'issue'; readonly key: string; readonly group: string | null; readonly now: number }
  | { readonly ask: 'regroup'; readonly key: string; readonly group: string | null; readonly now: number }
  | { readonly ask: 'revoke'; readonly key: string; readonly now: number }
  | { readonly ask: 'limit'; readonly limits: NaiveLimits | null; readonly now: number }
  | { readonly ask: 'suspend'; readonly suspended: boolean; readonly now: number };

export type AccessAsk = Ask | AccessCommand;

const access = ['authorize', 'release', 'issue', 'regroup', 'revoke', 'limit', 'suspend'];

export function isAskedOfAccess(asked: AccessAsk): asked is AccessCommand {
  return access.includes(asked.ask);
}

/** What comes of it, as the caller sees it. */
export type AccessOutcome =
  | Outcome
  /** With what the answer says beside the code. */
  | { readonly is: 'denied'; readonly code: string; readonly more: unknown }
  /** Granted without setting anything aside. */
  | { readonly is: 'granted'; readonly answer: unknown };
