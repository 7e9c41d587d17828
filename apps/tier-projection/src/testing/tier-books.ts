import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AccountEvent } from '@meterbook/domain/account/events';
import type { SettingsChange } from '@meterbook/domain/account/standing/events';
import { add, decimal, max, toText, zero } from '@meterbook/domain/amount/decimal';
import type { RulebookPublished, RulebookWithdrawn } from '@meterbook/domain/rulebook/events';
import type { TierEvent } from '@meterbook/domain/tier/events';
import { formatInstant } from '@meterbook/domain/time/instant';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import { decodeEvent, encodeEvent } from '@meterbook/books/event-codec';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { EmbeddedTopics } from '@meterbook/topics/embedded/embedded-topics';
import type { DeliveredRecord, TopicRecord } from '@meterbook/topics/topics';

/** The tiers and promotion rules of seed S0. */
export const s0 = {
  platform: 'apibox',
  currency: 'CNY',
  tiers: [
    { id: 'default', rank: 1 },
    { id: 'vip', rank: 2 },
    { id: 'svip', rank: 3 },
  ],
  promotion: [
    { tier: 'vip', anyOf: [{ anyRecharge: true }] },
    { tier: 'svip', anyOf: [{ singleRechargeAtLeast: '500' }, { cumulativeRechargeAtLeast: '1000' }] },
  ],
  groups: [{ id: 'default', models: ['*'] }],
  providers: { manual: {} },
  models: [{ id: 'gpt', group: 'default', price: { mode: 'request', unit: '1' } }],
};

/** A store and topics in a folder of their own, with accounts as the ledger writes them. */
export class TierBooks {
  readonly clock = new SystemClock();
  readonly directory = mkdtempSync(join(tmpdir(), 'meterbook-tiers-'));
  readonly store = new EmbeddedEventStore(join(this.directory, 'events'), this.clock);
  readonly topics = new EmbeddedTopics(join(this.directory, 'topics'), this.clock, { prefix: '', partitions: 4 });
  private readonly heads = new Map<string, { revision: number; hash: string }>();
  private readonly totals = new Map<string, { count: number; largest: string; cumulative: string }>();
  private readonly published = new Map<string, number>();

  publish(
    platform: string,
    content: Readonly<Record<string, unknown>> = s0,
    effectiveFrom = '2020-01-01T00:00:00.000Z',
  ): Promise<TopicRecord> {
    const version = (this.published.get(platform) ?? 0) + 1;
    this.published.set(platform, version);
    const event: RulebookPublished = {
      type: 'RulebookPublished',
      version,
      effectiveFrom,
      sha256: '',
      rulebook: { ...content, platform },
    };
    return this.append(`rulebook-${platform}`, event);
  }

  withdraw(platform: string, version: number): Promise<TopicRecord> {
    const event: RulebookWithdrawn = { type: 'RulebookWithdrawn', version };
    return this.append(`rulebook-${platform}`, event);
  }

  open(name: string): Promise<TopicRecord> {
    return this.book(name, { type: 'AccountOpened', occurredAt: this.now(), currency: 'CNY' });
  }

  /** Books a recharge and gives back its record of `ledger.entries`. */
  recharge(name: string, rechargeId: string, amount: string, occurredAt = this.now()): Promise<TopicRecord> {
    const before = this.totals.get(name) ?? { count: 0, largest: '0', cumulative: '0' };
    const recharges = {
      count: before.count + 1,
      largest: toText(max(decimal(before.largest), decimal(amount))),
      cumulative: toText(add(decimal(before.cumulative), decimal(amount))),
    };
    this.totals.set(name, recharges);
    return this.book(name, {
      type: 'WalletRecharged',
      occurredAt,
      rulebook: 1,
      rechargeId,
      provider: 'manual',
      currency: 'CNY',
      credited: amount,
      paid: { amount, currency: 'CNY' },
      fxRate: null,
      lot: before.count,
      settled: '0',
      recharges,
      wallet: recharges.cumulative,
      receivable: '0',
      digest: rechargeId,
    });
  }

  change(name: string, changed: SettingsChange): Promise<TopicRecord> {
    return this.book(name, {
      type: 'AccountSettingsChanged',
      occurredAt: this.now(),
      changed,
      currency: 'CNY',
      settled: [],
      wallet: this.totals.get(name)?.cumulative ?? toText(zero),
      receivable: '0',
    });
  }

  /** What the tier stream of an account says, each event without its metadata. */
  async tierEvents(name: string): Promise<TierEvent[]> {
    const events: TierEvent[] = [];
    for await (const stored of this.store.read(`tier-${name}`, 'start', 'forward'))
      events.push(decodeEvent<TierEvent>(stored));
    return events;
  }

  async destroy(): Promise<void> {
    await this.topics.close();
    await this.store.close();
    rmSync(this.directory, { recursive: true });
  }

  private book(name: string, event: AccountEvent): Promise<TopicRecord> {
    return this.append(`account-${name}`, event);
  }

  private async append(stream: string, event: { readonly type: string }): Promise<TopicRecord> {
    const { revision, hash } = this.heads.get(stream) ?? { revision: -1, hash: chainStart };
    const encoded = encodeEvent(stream, revision + 1, hash, event, { actor: 'spec', traceparent: '00-aa-bb-01' });
    const expectedRevision = revision < 0 ? 'no-stream' : revision;
    const [outcome] = await this.store.append([{ stream, expectedRevision, events: [encoded] }]);
    if (outcome?.kind !== 'appended') throw new Error(`${stream} has moved on`);
    this.heads.set(stream, { revision: revision + 1, hash: encoded.hash });
    for await (const stored of this.store.read(stream, 'end', 'backward')) return toRecord(stored);
    throw new Error(`${stream} is empty`);
  }

  private now(): string {
    return formatInstant(this.clock.now());
  }
}

/** A record as the topic delivers it. */
export function delivered(record: TopicRecord, offset: number): DeliveredRecord {
  return { headers: {}, ...record, topic: 'ledger.entries', partition: 0, offset, timestamp: 1_790_000_000_000 };
}

function toRecord({ stream, revision, position, bookedAt, type, data, metadata, hash }: StoredEvent): TopicRecord {
  return {
    key: stream.slice(stream.indexOf('-') + 1),
    headers: { type, stream, revision: String(revision), position, bookedAt: formatInstant(bookedAt) },
    value: `{"stream":"${stream}","revision":${revision},"type":"${type}","data":${data},"metadata":${metadata},"hash":"${hash}"}`,
  };
}
