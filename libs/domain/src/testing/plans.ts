import type { Cancellation } from '../account/subscription/cancel';
import type { Renewal } from '../account/subscription/renew';
import type { Start } from '../account/subscription/start';
import type { Switch } from '../account/subscription/switch';
import type { PublishedRulebook } from '../rulebook/rulebook';
import { nowAt } from './commands';
import { published } from './rulebooks';

/** 2026-11-23, a Monday, as the hour that the examples count from. */
export const MONDAY_HOUR = 48;

const plan = (id: string, price: string, more: object = {}) => ({
  id,
  price,
  baseCredits: '1000',
  bonus: '0.2',
  backup: '3',
  models: ['*'],
  periodDays: 30,
  ...more,
});

/** Plans on a rulebook of one model that costs 1 a request, so 100 credits; what is given replaces its sections. */
export function withPlans(
  sections: Readonly<Record<string, unknown>> = {},
  version = 1,
  from?: string,
): PublishedRulebook {
  const content = {
    tiers: [
      { id: 'default', rank: 1 },
      { id: 'plus', rank: 2, discount: '0.5' },
    ],
    providers: { manual: {}, card: { kinds: ['auto-renew'] } },
    creditsPerUnit: '100',
    plans: [
      plan('starter', '10'),
      plan('capped', '10', { caps: { daily: { credits: '100' }, weekly: { credits: '300' } } }),
      plan('thrifty', '10', { budget: { priceMultiple: '0.5' } }),
      plan('lifted', '10', { tier: 'plus' }),
      plan('premium', '25'),
      plan('counted', '0', { baseCredits: '0', caps: { daily: { requests: 1000 } } }),
    ],
    ...sections,
  };
  return from === undefined ? published(content, version) : published(content, version, from);
}

export function aStart(paymentRef: string, planId: string, hour: number, more: Partial<Start> = {}): Start {
  return {
    paymentRef,
    plan: planId,
    kind: 'auto-renew',
    provider: 'manual',
    digest: `${paymentRef} ${planId}`,
    time: nowAt(hour),
    ...more,
  };
}

export function aRenewal(paymentRef: string, hour: number, more: Partial<Renewal> = {}): Renewal {
  return { paymentRef, provider: 'manual', digest: paymentRef, time: nowAt(hour), ...more };
}

export function aSwitch(paymentRef: string, planId: string, hour: number, more: Partial<Switch> = {}): Switch {
  return {
    paymentRef,
    plan: planId,
    provider: 'manual',
    digest: `${paymentRef} to ${planId}`,
    time: nowAt(hour),
    ...more,
  };
}

export function aCancellation(hour: number): Cancellation {
  return { time: nowAt(hour) };
}
