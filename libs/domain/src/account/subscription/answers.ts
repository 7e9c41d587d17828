import { toText } from '../../amount/decimal';
import type { SubscriptionKind } from '../../rulebook/rulebook';
import { formatInstant } from '../../time/instant';
import type { Account } from '../account';
import type { PlanSwitched, SubscriptionRenewed, SubscriptionStarted } from './events';
import type { SwitchQuote } from './switch';
import type { PoolsView, PoolView } from './view';

/** A period that was paid, as it stood when it was. */
export interface PeriodAnswer {
  readonly plan: string;
  readonly kind: SubscriptionKind;
  readonly periodStart: string;
  readonly periodEnd: string;
  readonly pools: PoolsView;
}

export interface SwitchAnswer {
  readonly from: string;
  readonly to: string;
  readonly credit: string;
  readonly currency: string;
  readonly proration: {
    readonly time: string;
    readonly tokens: string;
    readonly consumed: string;
    readonly oldPrice: string;
    readonly newPrice: string;
  };
}

export interface CancelAnswer {
  readonly status: 'cancelled';
  /** The end of the last paid period. */
  readonly endsAt: string;
}

export function periodAnswer({ period }: SubscriptionStarted | SubscriptionRenewed): PeriodAnswer {
  const { plan, kind, from, to, main, backup, carriedMain, carriedBackup } = period;
  const pools = { main: unused(carriedMain ?? main), backup: unused(carriedBackup ?? backup) };
  return { plan, kind, periodStart: from, periodEnd: to, pools };
}

function unused(credits = '0'): PoolView {
  return { granted: credits, used: '0', remaining: credits };
}

export function switchAnswer({ from, period, credit, currency, proration }: PlanSwitched): SwitchAnswer {
  return { from, to: period.plan, credit, currency, proration: shownTerms(proration) };
}

export function quoteAnswer({ from, to, credit, currency, proration }: SwitchQuote): SwitchAnswer {
  return { from, to, credit: toText(credit), currency, proration: shownTerms(proration) };
}

function shownTerms({
  time,
  tokens,
  consumed,
  oldPrice,
  newPrice,
}: PlanSwitched['proration']): SwitchAnswer['proration'] {
  return { time, tokens, consumed, oldPrice, newPrice };
}

/** What a cancelled account is told, now or again. Throws where it never had a plan. */
export function cancelAnswer({ subscription }: Account): CancelAnswer {
  const last = subscription?.periods.at(-1);
  if (last === undefined) throw new Error('nothing was cancelled');
  return { status: 'cancelled', endsAt: formatInstant(last.to) };
}
