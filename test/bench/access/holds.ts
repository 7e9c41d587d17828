import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authorizationId } from '@meterbook/domain/access/authorization-id';
import { authorize } from '@meterbook/domain/access/authorize';
import { formatInstant, storedInstant } from '@meterbook/domain/time/instant';
import { Rulebooks } from '@meterbook/books/rulebooks';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import { HoldWriter } from '@meterbook/ledger/access/hold-writer';
import { Holds } from '@meterbook/ledger/access/holds';
import { chargingParts } from '@meterbook/ledger/charging/charging-parts';
import { Accounts } from '@meterbook/ledger/engine/accounts';
import { AccountReader } from '@meterbook/ledger/engine/commands/account-reader';
import { DamagedAccounts } from '@meterbook/ledger/engine/damaged-accounts';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { EmbeddedTopics } from '@meterbook/topics/embedded/embedded-topics';
import { accountName, openAccounts, platform, usageJson } from '../books';
import { publish } from '../parts';

/** Holds that are placed and settled in turn, so many at a time. */
const CHUNK = 1000;
/** Events whose size is looked at: ten pages. */
const SAMPLED_EVENTS = 20_480;
const REMEMBER_MS = 35 * 86_400_000;
const never = new AbortController().signal;
const limits = { maxBytes: 1e9, checkpointEvery: 1000, maxAgeDays: 35 };

export interface SettledHoldsFigures {
  readonly heldPerSecond: number;
  readonly bytesPerHold: number;
  /** Milliseconds until a process that knows nothing has authorized the account's next request, and that of an account without any. */
  readonly coldMs: number;
  /** What of it the account itself takes. */
  readonly coldAccountMs: number;
  readonly coldWithoutMs: number;
  /** The same until it knows what is held, which is what a view asks. */
  readonly coldViewMs: number;
}

/** An account that has placed and settled very many holds, and how long a cold process takes until it authorizes again. */
export async function settledHolds(count: number): Promise<SettledHoldsFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'meterbook-bench-'));
  const clock = new SystemClock();
  const store = new EmbeddedEventStore(join(folder, 'store'), clock);
  const topics = new EmbeddedTopics(join(folder, 'topics'), clock, { prefix: '', partitions: 1 });
  try {
    await publish(store);
    await openAccounts(store, 2);
    const ledger = chargingParts(store, topics, limits, { clock, log: createLog('error') });
    const warm = asking(store, clock);
    let heldMs = 0;
    for (let from = 0; from < count; from += CHUNK) {
      const started = performance.now();
      const ids = await Promise.all(Array.from({ length: CHUNK }, (_, i) => warm.ask(0, `q${from + i}`)));
      heldMs += performance.now() - started;
      await ledger.charge.handle(usageNaming(ids, from, clock.now()), never);
    }
    await ledger.writer.idle();
    const timed = async (task: () => Promise<unknown>): Promise<number> => {
      const started = performance.now();
      await task();
      return performance.now() - started;
    };
    const coldWithoutMs = await timed(() => asking(store, clock).ask(1, 'next'));
    const coldViewMs = await timed(async () =>
      asking(store, clock, false).holds.load(`hold-${platform}/${accountName(0)}`),
    );
    const coldAccountMs = await timed(() =>
      asking(store, clock).accounts.confirmed({ platform, account: accountName(0) }),
    );
    const coldMs = await timed(() => asking(store, clock).ask(0, 'next'));
    const heldPerSecond = Math.round(count / (heldMs / 1000));
    return {
      heldPerSecond,
      bytesPerHold: await bytesOfLast(store, SAMPLED_EVENTS),
      coldMs,
      coldAccountMs,
      coldWithoutMs,
      coldViewMs,
    };
  } finally {
    await topics.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A process that authorizes, and knows nothing yet. */
function asking(store: EmbeddedEventStore, clock: SystemClock, withRequests = true) {
  const damaged = new DamagedAccounts(clock);
  const accounts = new AccountReader(new Accounts(store, limits, clock, damaged));
  const holds = new Holds(store, { maxBytes: 1e9, rememberMs: REMEMBER_MS, withRequests }, clock, damaged);
  const writer = new HoldWriter(store, holds, accounts, new Rulebooks(store), clock);
  const ask = (account: number, requestId: string): Promise<string> =>
    writer.write({
      name: { platform, account: accountName(account) },
      sender: { actor: 'bench' },
      requestId,
      decide: ({ account: known, book, rulebooks, now }) => {
        const [version] = rulebooks;
        if (!known || !version) throw new Error('there is no account');
        const decision = authorize(known, book, request(requestId), version, now);
        const event = decision.kind === 'granted' ? decision.event : null;
        if (event?.type !== 'HoldPlaced') throw new Error(JSON.stringify(decision));
        const { digest, expiresAt } = event;
        return { event, answer: (hold) => authorizationId({ hold, expiresAt: storedInstant(expiresAt) }, digest) };
      },
    });
  return { holds, accounts, ask };
}

function request(requestId: string) {
  return {
    requestId,
    model: 'claude-sonnet',
    apiKeyId: null,
    group: null,
    channel: null,
    units: { inputTokens: 120, outputTokens: 3 },
    fields: {},
    hold: true,
    digest: `${requestId}-`.padEnd(22, 'A'),
  };
}

function usageNaming(ids: readonly string[], from: number, now: number) {
  const time = formatInstant(now - 1000);
  const records = ids.map((id, i) => {
    const event = JSON.parse(usageJson(from + i, 0, time)) as { data: Record<string, unknown> };
    event.data = { model: 'claude-sonnet', units: { inputTokens: 1 }, authorizationId: id };
    return {
      topic: 'usage.recorded',
      partition: 0,
      offset: from + i,
      timestamp: now,
      headers: {},
      key: `${platform}/${accountName(0)}`,
      value: JSON.stringify(event),
    };
  });
  return { topic: 'usage.recorded', partition: 0, records };
}

/** Bytes that one hold takes with all that is stored of it, its share of notes and pages included: of the last pages of the stream. */
async function bytesOfLast(store: EmbeddedEventStore, events: number): Promise<number> {
  let [count, bytes] = [0, 0];
  for await (const { type, data, metadata, hash } of store.read(
    `hold-${platform}/${accountName(0)}`,
    'end',
    'backward',
  )) {
    bytes += type.length + Buffer.byteLength(data) + Buffer.byteLength(metadata) + hash.length;
    if (++count === events) break;
  }
  return Math.round(bytes / count);
}
