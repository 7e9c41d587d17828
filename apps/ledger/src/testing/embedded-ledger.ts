import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AccountEvent } from '@meterbook/domain/account/events';
import { openAccount } from '@meterbook/domain/account/standing/open';
import { receiveRecharge } from '@meterbook/domain/account/wallet/recharge';
import { add, decimal, toText, zero } from '@meterbook/domain/amount/decimal';
import { formatInstant } from '@meterbook/domain/time/instant';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import { decodeEvent } from '@meterbook/books/event-codec';
import type { EventStore } from '@meterbook/event-store/event-store';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { EmbeddedTopics } from '@meterbook/topics/embedded/embedded-topics';
import type { BatchHandler, DeliveredRecord, Topics } from '@meterbook/topics/topics';
import { readDeadLetterRecord, type DeadLetter } from '@meterbook/messages/dead-letter';
import { accountStream } from '@meterbook/books/account-stream';
import { chargingParts, type ChargingParts } from '../charging/charging-parts';
import { Rulebooks } from '@meterbook/books/rulebooks';

export const platform = 'apibox';

/** A rulebook with one model, `gpt`, at 1 a request, and one that only a later version may bring. */
export const rulebook = {
  platform,
  currency: 'CNY',
  tiers: [{ id: 'default', rank: 1 }],
  groups: [{ id: 'default', models: ['*'] }],
  providers: { manual: {} },
  models: [{ id: 'gpt', group: 'default', price: { mode: 'request', unit: '1' } }],
};

/** A ledger on embedded engines in a folder of its own, for specs. */
export class EmbeddedLedger {
  readonly clock = new SystemClock();
  private readers = 0;
  readonly log = createLog('fatal');
  readonly directory = mkdtempSync(join(tmpdir(), 'meterbook-ledger-'));
  readonly store: EventStore = new EmbeddedEventStore(this.directory, this.clock);
  readonly topics: Topics = new EmbeddedTopics(this.directory, this.clock, { prefix: '', partitions: 4 });
  readonly parts: ChargingParts = this.another();

  /** Another charging process on the same engines. */
  another(checkpointEvery = 1000, store: EventStore = this.store): ChargingParts {
    return chargingParts(store, this.topics, { maxBytes: 64e6, checkpointEvery, maxAgeDays: 35 }, this);
  }

  async publish(content: Readonly<Record<string, unknown>> = rulebook): Promise<void> {
    const rulebooks = new Rulebooks(this.store);
    const { versions, lastNumber } = await rulebooks.published(platform);
    const version = {
      version: lastNumber + 1,
      effectiveFrom: '2020-01-01T00:00:00.000Z',
      sha256: '',
      text: JSON.stringify(content),
    };
    if (!(await rulebooks.append(platform, versions, version, { actor: 'spec' })))
      throw new Error('another came first');
  }

  /** Opens an account and recharges it. */
  async open(account: string, amount = '100'): Promise<void> {
    const rulebooks = await new Rulebooks(this.store).confirmed(platform);
    const time = { occurredAt: null, now: this.clock.now() };
    const metadata = { actor: 'spec' };
    const stream = accountStream({ platform, account });
    await this.parts.writer.command({
      stream,
      decide: (loaded) => {
        const decision = openAccount(loaded.account, time, rulebooks);
        return { events: decision.kind === 'accepted' ? decision.events : [], metadata, answer: () => undefined };
      },
    });
    await this.parts.writer.command({
      stream,
      decide: (loaded) => {
        const recharge = {
          rechargeId: 'r1',
          provider: 'manual',
          amount: decimal(amount),
          currency: 'CNY',
          digest: 'd',
          time,
        };
        const decision = receiveRecharge(loaded.account, recharge, rulebooks);
        return { events: decision.kind === 'accepted' ? decision.events : [], metadata, answer: () => undefined };
      },
    });
  }

  async events(account: string): Promise<AccountEvent[]> {
    const events: AccountEvent[] = [];
    for await (const stored of this.store.read(accountStream({ platform, account }), 'start', 'forward'))
      events.push(decodeEvent<AccountEvent>(stored));
    return events;
  }

  async balance(account: string): Promise<{ charges: number; wallet: string; receivable: string }> {
    const parts = this.another();
    const loaded = await parts.accounts.confirmed(accountStream({ platform, account }));
    const state = loaded.account;
    if (!state) throw new Error(`${account} was never opened`);
    const wallet = state.lots.reduce((sum, { left }) => add(sum, left), zero);
    return { charges: state.charges, wallet: toText(wallet), receivable: toText(state.receivable) };
  }

  /** Every dead letter that was ever written, in the order of its partition. */
  async deadLetters(): Promise<DeadLetter[]> {
    const letters: DeadLetter[] = [];
    const stop = new AbortController();
    const group = `spec-${(this.readers += 1)}`;
    const lag = (await this.topics.lag(group, ['usage.dead-letters'])).reduce((sum, row) => sum + row.lag, 0);
    if (lag === 0) return letters;
    let seen = 0;
    const take: BatchHandler = async ({ records }) => {
      for (const record of records) {
        const letter = readDeadLetterRecord(record);
        if (letter?.kind === 'dead-letter') letters.push(letter);
      }
      seen += records.length;
      if (seen >= lag) stop.abort();
    };
    await this.topics.consume(group, ['usage.dead-letters'], take, stop.signal);
    return letters;
  }

  async close(): Promise<void> {
    await this.topics.close();
    await this.store.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A record of `usage.recorded` as the topic delivers it. */
export function usageRecord(
  account: string,
  id: string,
  offset: number,
  more: Readonly<Record<string, unknown>> = {},
): DeliveredRecord {
  const timestamp = 1_790_000_000_000;
  const { data, ...attributes } = more;
  const value = JSON.stringify({
    specversion: '1.0',
    type: 'usage.recorded',
    source: 'gw',
    id,
    time: formatInstant(timestamp - 60_000),
    platform,
    subject: account,
    data: { model: 'gpt', units: {}, ...(data as object | undefined) },
    ...attributes,
  });
  return {
    topic: 'usage.recorded',
    partition: 0,
    offset,
    timestamp,
    headers: {},
    key: `${platform}/${account}`,
    value,
  };
}
