import { chargeUsage } from '@meterbook/domain/account/charging/charge';
import type { Account } from '@meterbook/domain/account/account';
import { evolve } from '@meterbook/domain/account/evolve';
import { readRulebook } from '@meterbook/domain/rulebook/read-rulebook';
import type { PublishedRulebook } from '@meterbook/domain/rulebook/rulebook';
import { encodeEvent } from '@meterbook/books/event-codec';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import type { NewEvent, StreamAppend } from '@meterbook/event-store/event-store';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { Clock } from '@meterbook/runtime/clock';
import { accountName, openedAccount, platform, rulebookContent, usageOf } from '../books';
import { publish } from '../parts';

const DAY_MS = 86_400_000;
/** Accounts that are opened, and charges that are booked, in one append. */
const perAppend = 2000;
const models = 10;
const teams = 5;

/** A clock that says what it is told: history is booked at the times at which it happened. */
export class ToldClock extends Clock {
  constructor(public atMs: number) {
    super();
  }

  override now(): number {
    return this.atMs;
  }

  override sleep(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }
}

export interface ChargedStore {
  readonly charges: number;
  readonly accounts: number;
  /** Days over which the charges are spread, up to now. */
  readonly days: number;
}

const [firstModel] = rulebookContent.models;
const content = {
  ...rulebookContent,
  labels: ['team'],
  models: [
    ...rulebookContent.models,
    ...Array.from({ length: models }, (_, n) => ({ ...firstModel, id: `model-${n}` })),
  ],
};

function rulebooksOf(): PublishedRulebook[] {
  const read = readRulebook(content);
  if (read.kind === 'invalid') throw new Error(JSON.stringify(read.faults));
  return [{ version: 1, effectiveFrom: 0, sha256: '', rulebook: read.rulebook }];
}

interface Written {
  account: Account;
  hash: string;
}

/** Writes opened accounts and their charges straight to a store: charge by charge another account, ten models, five teams. */
export async function writeChargedStore(folder: string, { charges, accounts, days }: ChargedStore): Promise<void> {
  const nowMs = Date.now();
  const clock = new ToldClock(nowMs - days * DAY_MS);
  const store = new EmbeddedEventStore(folder, clock);
  const rulebooks = rulebooksOf();
  await publish(store, content);
  const written = await open(store, accounts, rulebooks);
  for (let from = 0; from < charges; from += perAppend) {
    clock.atMs = nowMs - days * DAY_MS * (1 - from / charges);
    const appends = new Map<string, StreamAppend>();
    for (let number = from; number < Math.min(charges, from + perAppend); number++) {
      const of = (number * 7919) % accounts;
      const known = written[of];
      if (!known) throw new Error(`no account ${of}`);
      const append = charged(known, accountName(of), number, clock.atMs, rulebooks);
      const before = appends.get(append.stream);
      appends.set(append.stream, before ? { ...before, events: [...before.events, ...append.events] } : append);
    }
    await appendAll(store, [...appends.values()]);
  }
  await store.close();
}

async function appendAll(store: EmbeddedEventStore, appends: readonly StreamAppend[]): Promise<void> {
  for (const [i, outcome] of (await store.append(appends)).entries())
    if (outcome.kind !== 'appended') throw new Error(`${appends[i]?.stream ?? ''}: ${JSON.stringify(outcome)}`);
}

async function open(
  store: EmbeddedEventStore,
  accounts: number,
  rulebooks: readonly PublishedRulebook[],
): Promise<Written[]> {
  const written: Written[] = [];
  for (let from = 0; from < accounts; from += perAppend) {
    const appends: StreamAppend[] = [];
    for (let number = from; number < Math.min(accounts, from + perAppend); number++) {
      const stream = `account-${platform}/${accountName(number)}`;
      // An account is one object, that what happens changes: each has its own.
      const { account, events } = openedAccount(rulebooks);
      const encoded: NewEvent[] = [];
      let hash = chainStart;
      for (const [revision, event] of events.entries()) {
        const next = encodeEvent(stream, revision, hash, event, { actor: 'bench' });
        hash = next.hash;
        encoded.push(next);
      }
      appends.push({ stream, expectedRevision: 'no-stream', events: encoded });
      written.push({ account, hash });
    }
    await appendAll(store, appends);
  }
  return written;
}

function charged(
  known: Written,
  name: string,
  number: number,
  atMs: number,
  rulebooks: readonly PublishedRulebook[],
): StreamAppend {
  const usage = {
    ...usageOf(number, atMs - (number % 600) * 1000),
    model: `model-${number % models}`,
    labels: { team: `team-${number % teams}` },
  };
  const { event } = chargeUsage(known.account, [usage], rulebooks);
  if (!event) throw new Error(`usage ${number} was not charged`);
  const stream = `account-${platform}/${name}`;
  const { revision } = known.account;
  const encoded = encodeEvent(stream, revision + 1, known.hash, event, { record: `usage.recorded/7/${number}` });
  known.account = evolve(known.account, event, revision + 1);
  known.hash = encoded.hash;
  return { stream, expectedRevision: revision, events: [encoded] };
}
