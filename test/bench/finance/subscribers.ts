import { startSubscription } from '@meterbook/domain/account/subscription/start';
import { renewSubscription } from '@meterbook/domain/account/subscription/renew';
import { openAccount } from '@meterbook/domain/account/standing/open';
import type { Account } from '@meterbook/domain/account/account';
import type { AccountEvent } from '@meterbook/domain/account/events';
import type { Decision } from '@meterbook/domain/account/decision';
import { evolve } from '@meterbook/domain/account/evolve';
import { readRulebook } from '@meterbook/domain/rulebook/read-rulebook';
import { encodeEvent } from '@meterbook/books/event-codec';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import type { NewEvent, StreamAppend } from '@meterbook/event-store/event-store';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { accountName, platform, rulebookContent } from '../books';
import { publish } from '../parts';
import { ToldClock } from './charged-store';

const DAY_MS = 86_400_000;
const periodDays = 30;
const perAppend = 2000;
const digest = 'A'.repeat(22);

const plan = {
  id: 'monthly',
  price: '10',
  baseCredits: '1000',
  models: ['*'],
  periodDays,
};
const content = { ...rulebookContent, creditsPerUnit: '100', plans: [plan] };

interface Written {
  account: Account | undefined;
  hash: string;
  revision: number;
}

/** Writes subscribers straight to a store: each pays month after month for so many periods, up to now. */
export async function writeSubscribers(folder: string, subscribers: number, periods: number): Promise<void> {
  const read = readRulebook(content);
  if (read.kind === 'invalid') throw new Error(JSON.stringify(read.faults));
  const rulebooks = [{ version: 1, effectiveFrom: 0, sha256: '', rulebook: read.rulebook }];
  const startMs = Date.now() - periods * periodDays * DAY_MS;
  const clock = new ToldClock(startMs);
  const store = new EmbeddedEventStore(folder, clock);
  await publish(store, content);
  const written: Written[] = Array.from({ length: subscribers }, () => ({
    account: undefined,
    hash: chainStart,
    revision: -1,
  }));
  for (let period = 0; period < periods; period++)
    for (let from = 0; from < subscribers; from += perAppend) {
      // Those who pay are spread over the days of a period.
      clock.atMs = startMs + (period + from / subscribers) * periodDays * DAY_MS;
      const time = { occurredAt: clock.atMs, now: clock.atMs };
      const appends: StreamAppend[] = [];
      for (let number = from; number < Math.min(subscribers, from + perAppend); number++) {
        const known = written[number];
        if (!known) throw new Error(`no subscriber ${number}`);
        const payment = { paymentRef: `p${period}`, provider: 'manual', digest, time };
        const decisions =
          period === 0
            ? [
                (): Decision => openAccount(undefined, time, rulebooks),
                (account?: Account): Decision =>
                  startSubscription(account, { ...payment, plan: plan.id, kind: 'auto-renew' }, rulebooks),
              ]
            : [(account?: Account): Decision => renewSubscription(account, payment, rulebooks)];
        appends.push(appendOf(known, accountName(number), decisions));
      }
      for (const outcome of await store.append(appends))
        if (outcome.kind !== 'appended') throw new Error(JSON.stringify(outcome));
    }
  await store.close();
}

function appendOf(known: Written, name: string, decisions: readonly ((account?: Account) => Decision)[]): StreamAppend {
  const stream = `account-${platform}/${name}`;
  const before = known.revision;
  const events: NewEvent[] = [];
  for (const decide of decisions)
    for (const event of accepted(decide(known.account))) {
      const revision = known.revision + 1;
      const encoded = encodeEvent(stream, revision, known.hash, event, { actor: 'bench' });
      known.account = evolve(known.account, event, revision);
      known.hash = encoded.hash;
      known.revision = revision;
      events.push(encoded);
    }
  return { stream, expectedRevision: before < 0 ? 'no-stream' : before, events };
}

function accepted(decision: Decision): readonly AccountEvent[] {
  if (decision.kind !== 'accepted') throw new Error(JSON.stringify(decision));
  return decision.events;
}
