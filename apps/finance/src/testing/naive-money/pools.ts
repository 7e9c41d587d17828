import type {
  PlanSwitched,
  SubscriptionRenewed,
  SubscriptionStarted,
} from '@meterbook/domain/account/subscription/events';
import { money } from './amounts';
import type { Note, Piece } from './pieces';

export interface NaivePool {
  readonly first: number;
  left: bigint;
  ends: number;
}

type Paid = SubscriptionStarted | SubscriptionRenewed | PlanSwitched;
type Name = 'main' | 'backup';

/** What the pools of an account hold. */
export function pools(pieces: readonly Piece[], account: string, derivedAt: number, note: Note): void {
  for (const name of ['main', 'backup'] as const) {
    const { pools: all, beside } = poolsOf(pieces, name);
    note({ account }, `pools.${name}`, beside);
    for (const { left, ends } of all) if (ends > derivedAt) note({ account }, `pools.${name}`, left);
  }
}

/** The pools of one name that an account ever had, with what each has left, and what is left beside them since switches took less. */
export function poolsOf(
  pieces: readonly Piece[],
  name: Name,
): { readonly pools: readonly NaivePool[]; readonly beside: bigint } {
  const all: NaivePool[] = [];
  let beside = 0n;
  const move = (credits: readonly [number, string, string] | undefined, sign: bigint): void => {
    const pool = credits && all.findLast(({ first }) => first <= credits[0]);
    if (pool) pool.left += sign * money(name === 'main' ? credits[1] : credits[2]);
  };
  for (const { event, charge, occurred } of pieces) {
    if (charge) move(charge.credits, -1n);
    if (event.type === 'UsageReversed') move(event.credits, 1n);
    if (!('period' in event)) continue;
    if (event.type === 'PlanSwitched') beside += switched(all, event, name, occurred);
    begin(all, event, name);
  }
  return { pools: all, beside };
}

/** What a switch let lapse is told by it; what is left besides stays where it is. */
function switched(all: readonly NaivePool[], { lapsed }: PlanSwitched, name: Name, occurred: number): bigint {
  let left = -money(lapsed[name === 'main' ? 0 : 1]);
  for (const pool of all) {
    if (pool.ends <= occurred) continue;
    left += pool.left;
    pool.left = 0n;
  }
  return left;
}

function begin(all: NaivePool[], { type, period }: Paid, name: Name): void {
  const { number, to, main, backup, carriedMain, carriedBackup } = period;
  const carried = type === 'SubscriptionRenewed' && (name === 'main' ? carriedMain : carriedBackup) !== undefined;
  const last = all.at(-1);
  if (carried && last) last.ends = Date.parse(to);
  else all.push({ first: number, left: money((name === 'main' ? main : backup) ?? '0'), ends: Date.parse(to) });
}
