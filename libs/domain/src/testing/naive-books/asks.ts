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
  /** The n-th authorization of the account, which it names; absent for none. */
  readonly authorization?: number;
}

/** What an account may be asked of its subscriptions. */
export type PlanCommand =
  | {
      readonly ask: 'start';
      readonly id: string;
      readonly plan: string;
      readonly kind: 'auto-renew' | 'one-time';
      readonly provider: string;
    }
  | { readonly ask: 'renew'; readonly id: string; readonly provider: string }
  | { readonly ask: 'cancel' }
  | { readonly ask: 'switch'; readonly id: string; readonly plan: string; readonly provider: string };

/** What may be asked of money that goes back, or is given up. */
export type MoneyBackCommand =
  | { readonly ask: 'refund'; readonly id: string; readonly recharge: string }
  | { readonly ask: 'dispute'; readonly id: string; readonly recharge: string; readonly amount: string | null }
  | { readonly ask: 'won'; readonly dispute: string; readonly recharge: string }
  | { readonly ask: 'lost'; readonly dispute: string; readonly recharge: string; readonly fee: string | null }
  | { readonly ask: 'write-off'; readonly id: string; readonly amount: string };

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
  | { readonly ask: 'reverse'; readonly id: string; readonly usage: string }
  | PlanCommand
  | MoneyBackCommand;

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

export type Asked<Kind extends Command['ask']> = Extract<Command, { readonly ask: Kind }>;

export function isAskedOfPlans<Rest>(asked: (Command & Rest) | (PlanCommand & Rest)): asked is PlanCommand & Rest {
  return ['start', 'renew', 'cancel', 'switch'].includes(asked.ask);
}

export function isAskedOfMoneyBack<Rest>(
  asked: (Command & Rest) | (MoneyBackCommand & Rest),
): asked is MoneyBackCommand & Rest {
  return ['refund', 'dispute', 'won', 'lost', 'write-off'].includes(asked.ask);
}
