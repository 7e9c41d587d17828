import type { Settings } from './facts';

/** When a command is sent, and when it says it occurred; null for now. Milliseconds since 1970. */
export interface Sent {
  readonly now: number;
  readonly occurredAt: number | null;
}

export interface AskedUsage {
  readonly id: string;
  readonly at: number;
  readonly model: string;
  readonly group: string | null;
  readonly channel: string | null;
  readonly units: Readonly<Record<string, number>>;
}

/** What an account may be asked, as a caller would say it. */
export type Command =
  | { readonly ask: 'open' }
  | {
      readonly ask: 'recharge';
      readonly id: string;
      readonly provider: string;
      readonly amount: string;
      readonly currency: string;
    }
  | {
      readonly ask: 'grant';
      readonly id: string;
      readonly amount: string | null;
      readonly reason: string;
      readonly expiresAt: number | null;
    }
  | { readonly ask: 'settings'; readonly change: Settings }
  | { readonly ask: 'reverse'; readonly id: string; readonly usage: string };

export type Ask =
  | (Command & Sent)
  /** A batch of usage, booked now. */
  | { readonly ask: 'usage'; readonly usages: readonly AskedUsage[]; readonly now: number }
  /** The tiers that recharges have earned since reach the account. */
  | { readonly ask: 'earn'; readonly now: number };

/** What comes of it, as the caller sees it. */
export type Outcome =
  | { readonly is: 'done'; readonly answer: unknown }
  /** The same was asked before: its answer again. */
  | { readonly is: 'repeated'; readonly answer: unknown }
  | { readonly is: 'refused'; readonly code: string }
  /** It is so already. */
  | { readonly is: 'nothing' }
  /** What became of each usage: its charge as it is shown, or why it became a dead letter. */
  | { readonly is: 'charged'; readonly each: readonly unknown[] };

/** The content that makes a command the same: all but its id, and when it is sent. */
export function contentOf(command: Command & Sent): string {
  return JSON.stringify({ ...command, now: undefined });
}
