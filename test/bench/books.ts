import { openAccount } from '@meterbook/domain/account/standing/open';
import { startSubscription } from '@meterbook/domain/account/subscription/start';
import { receiveRecharge } from '@meterbook/domain/account/wallet/recharge';
import { evolve } from '@meterbook/domain/account/evolve';
import type { Account } from '@meterbook/domain/account/account';
import type { AccountEvent } from '@meterbook/domain/account/events';
import type { Decision } from '@meterbook/domain/account/decision';
import { decimal } from '@meterbook/domain/amount/decimal';
import { readRulebook } from '@meterbook/domain/rulebook/read-rulebook';
import type { PublishedRulebook } from '@meterbook/domain/rulebook/rulebook';
import type { Usage } from '@meterbook/domain/usage/usage';
import { encodeEvent } from '@meterbook/books/event-codec';
import type { EventStore, NewEvent, StreamAppend } from '@meterbook/event-store/event-store';
import { chainStart } from '@meterbook/event-store/hash-chain';

export const platform = 'bench';

/** Whether the accounts are on a plan, as `BENCH_PLANS=1` says, or have a wallet alone. */
export const onPlans = process.env['BENCH_PLANS'] === '1';

/** A plan with all that is looked at in a draw, none of which is ever used up. */
const plan = {
  id: 'monthly',
  price: '10',
  baseCredits: '1000000000',
  backup: '3',
  caps: { daily: { credits: '1000000000' }, weekly: { credits: '1000000000' } },
  budget: { priceMultiple: '1000000' },
  models: ['*'],
  periodDays: 30,
};

/** A matrix, a channel and a token price: what a gateway's rulebook usually needs. */
export const rulebookContent = {
  platform,
  currency: 'CNY',
  tiers: [
    { id: 'default', rank: 1 },
    { id: 'vip', rank: 2 },
  ],
  promotion: [{ tier: 'vip', anyOf: [{ singleRechargeAtLeast: '1000000' }] }],
  tierMultipliers: { default: { default: '0.8' }, vip: { default: '0.7' } },
  groups: [{ id: 'default', models: ['*'] }],
  providers: { manual: {} },
  ...(onPlans && { creditsPerUnit: '100', plans: [plan] }),
  models: [
    {
      id: 'claude-sonnet',
      group: 'default',
      price: { mode: 'token', per: 1000, input: '0.003', output: '0.015', inputMultiples: { cacheRead: '0.1' } },
    },
  ],
};

export function publishedRulebooks(): PublishedRulebook[] {
  const read = readRulebook(rulebookContent);
  if (read.kind === 'invalid') throw new Error(JSON.stringify(read.faults));
  return [{ version: 1, effectiveFrom: 0, sha256: '', rulebook: read.rulebook }];
}

export function accountName(number: number): string {
  return `acct-${number}`;
}

const openedAt = Date.parse('2026-01-01T00:00:00Z');
/** A day before the run, so that all its usage falls into the period that was paid. */
const startedAt = Date.now() - 86_400_000;

function accepted(decision: Decision): readonly AccountEvent[] {
  if (decision.kind !== 'accepted') throw new Error(JSON.stringify(decision));
  return decision.events;
}

/** An account that was opened, recharged and, where that is asked for, put on a plan; and the events that say so. */
export function openedAccount(rulebooks: readonly PublishedRulebook[]): { account: Account; events: AccountEvent[] } {
  const time = { occurredAt: openedAt, now: openedAt };
  const events = [...accepted(openAccount(undefined, time, rulebooks))];
  let account = fold(undefined, events, 0);
  const recharge = {
    rechargeId: 'r1',
    provider: 'manual',
    amount: decimal('1000'),
    currency: 'CNY',
    digest: 'A'.repeat(22),
    time,
  };
  const recharged = accepted(receiveRecharge(account, recharge, rulebooks));
  account = fold(account, recharged, events.length);
  events.push(...recharged);
  if (!onPlans) return { account, events };
  const start = {
    paymentRef: 'p1',
    plan: plan.id,
    kind: 'auto-renew',
    provider: 'manual',
    digest: 'A'.repeat(22),
    time: { occurredAt: startedAt, now: startedAt },
  } as const;
  const started = accepted(startSubscription(account, start, rulebooks));
  return { account: fold(account, started, events.length), events: [...events, ...started] };
}

function fold(account: Account | undefined, events: readonly AccountEvent[], from: number): Account {
  let folded = account;
  for (const [i, event] of events.entries()) folded = evolve(folded, event, from + i);
  if (!folded) throw new Error('no events');
  return folded;
}

/** Writes opened accounts straight to the store, as years of business would have left them. */
export async function openAccounts(store: EventStore, count: number, batch = 2000): Promise<void> {
  const { events } = openedAccount(publishedRulebooks());
  for (let from = 0; from < count; from += batch) {
    const appends: StreamAppend[] = [];
    for (let number = from; number < Math.min(count, from + batch); number++) appends.push(appendOf(number, events));
    await store.append(appends);
  }
}

function appendOf(number: number, events: readonly AccountEvent[]): StreamAppend {
  const stream = `account-${platform}/${accountName(number)}`;
  const encoded: NewEvent[] = [];
  let hash = chainStart;
  for (const [revision, event] of events.entries()) {
    const next = encodeEvent(stream, revision, hash, event, { actor: 'bench' });
    hash = next.hash;
    encoded.push(next);
  }
  return { stream, expectedRevision: 'no-stream', events: encoded };
}

export function usageOf(number: number, occurredAt: number): Usage {
  return {
    source: 'gateway-1',
    id: `req-${number}`,
    occurredAt,
    model: 'claude-sonnet',
    apiKeyId: null,
    group: null,
    channel: null,
    authorizationId: null,
    units: { inputTokens: 1200, outputTokens: 350 },
    fields: {},
    digest: 'AbCdEfGhIjK',
    traceparent: null,
  };
}

/** The same as its CloudEvent. */
export function usageJson(number: number, account: number, time: string): string {
  return `{"specversion":"1.0","type":"usage.recorded","source":"gateway-1","id":"req-${number}","time":"${time}","platform":"${platform}","subject":"${accountName(account)}","data":{"model":"claude-sonnet","units":{"inputTokens":1200,"outputTokens":350}}}`;
}
