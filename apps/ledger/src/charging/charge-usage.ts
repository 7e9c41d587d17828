import type { BatchHandler, DeliveredBatch, DeliveredRecord, TopicRecord, Topics } from '@meterbook/topics/topics';
import type { AgeWindow } from '@meterbook/domain/usage/age-window';
import type { PublishedRulebook } from '@meterbook/domain/rulebook/rulebook';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import type { Rulebooks } from '@meterbook/books/rulebooks';
import { rulebookPrefix } from '@meterbook/books/stream-kinds';
import {
  acceptedAtOf,
  deadLetterIdHeader,
  toDeadLetter,
  toResolution,
  type DeadRecord,
} from '@meterbook/messages/dead-letter';
import type { Log } from '@meterbook/runtime/log';
import { EventTooLarge, type AccountWriter } from '../engine/account-writer';
import type { DamagedAccounts } from '../engine/damaged-accounts';
import type { AccountUsage, UsageResult } from './account-usage';
import { unratable } from '@meterbook/domain/account/charging/charge-ratable';
import type { TopicTime } from './topic-time';
import { UsageInHand } from './usage-in-hand';
import { dead, receiveUsage, type ReceivedUsage } from './usage-record';
import { GROUPS, TOPICS } from '@meterbook/messages/topic-table';

/** Charges of one account in one event, at the most: about 250 kB of JSON. */
const MAX_CHARGES_PER_EVENT = 500;
/** UTF-16 units of the records that they come from; at least one record, however large it is. */
const MAX_LENGTH_PER_EVENT = 300_000;

/** Longest detail of a dead letter about a damaged stream, in characters. */
const MAX_DETAIL_LENGTH = 500;

/** UTF-16 units of the dead letters that are published at once; at least one, however large it is. */
const MAX_PUBLISH_LENGTH = 2 * 1024 * 1024;

/** What became of usage, for the metrics. */
export interface ChargeCounts {
  charged: number;
  duplicates: number;
  deadLetters: number;
  /** Of these, the ones that the rules threw on. */
  unratable: number;
}

/** The versions of a platform's rulebook, or why they cannot be read. */
type KnownRulebooks = readonly PublishedRulebook[] | StreamDamaged;

/**
 * Hop 2 and 3 of a usage event: a batch of one partition, grouped by account, becomes at most one event and one append an
 * account; what cannot be charged becomes a dead letter; then, and only then, the batch is done. Whatever a record holds and
 * whatever stands in one account's stream, the others of the batch are charged; only an engine that is away stops it.
 */
export class ChargeUsage {
  readonly inHand = new UsageInHand();
  readonly counts: ChargeCounts = { charged: 0, duplicates: 0, deadLetters: 0, unratable: 0 };

  constructor(
    private readonly topics: Topics,
    private readonly writer: AccountWriter,
    private readonly rulebooks: Rulebooks,
    private readonly usage: AccountUsage,
    private readonly window: AgeWindow,
    private readonly damaged: DamagedAccounts,
    private readonly time: TopicTime,
    private readonly log: Log,
  ) {}

  /** The loop: consumes until aborted. */
  run(signal: AbortSignal): Promise<void> {
    return this.topics.consume(GROUPS.charging, [TOPICS.usage], this.handle, signal);
  }

  readonly handle: BatchHandler = async (batch: DeliveredBatch, signal: AbortSignal): Promise<void> => {
    this.inHand.begin(batch, signal);
    const newest = batch.records.at(-1);
    if (newest) this.time.note(batch.topic, batch.partition, Math.max(newest.timestamp, acceptedAtOf(newest)));
    const deads: DeadRecord[] = [];
    const resolved: DeliveredRecord[] = [];
    let waiting: ReceivedUsage[] = [];
    for (const record of batch.records) {
      const received = receiveUsage(record, this.window);
      if (received.kind === 'dead') deads.push(received);
      else waiting.push(received);
    }
    while (waiting.length > 0) waiting = await this.chargeOnce(waiting, deads, resolved);
    await this.publish(deads, resolved);
    this.counts.deadLetters += deads.length;
    for (const letter of deads) if (letter.reason === 'unratable') this.alarm(letter);
    // Not where it fails: then it comes again, and waits meanwhile.
    this.inHand.end(batch);
  };

  /** Charges each account's share; returns what has to be asked again. */
  private async chargeOnce(
    received: readonly ReceivedUsage[],
    deads: DeadRecord[],
    resolved: DeliveredRecord[],
  ): Promise<ReceivedUsage[]> {
    const rulebooks = await this.rulebooksOf(received);
    const shares = sharesOf(received);
    const results = await Promise.all(shares.map((share) => this.chargeShare(share, rulebooks)));
    const later: ReceivedUsage[] = [];
    for (const [i, share] of shares.entries())
      for (const [j, one] of share.entries()) {
        const result = results[i]?.[j];
        if (!result) throw new Error('a usage without a result');
        if (result.kind === 'later') later.push(one);
        else this.note(one, result, deads, resolved);
      }
    return later;
  }

  /** The versions of each platform in the batch, confirmed at the head once for all of it. */
  private async rulebooksOf(received: readonly ReceivedUsage[]): Promise<ReadonlyMap<string, KnownRulebooks>> {
    const platforms = new Set(received.map(({ platform }) => platform));
    const confirmed = new Map<string, KnownRulebooks>();
    for (const platform of platforms) confirmed.set(platform, await this.rulebooksOfOne(platform));
    return confirmed;
  }

  private async rulebooksOfOne(platform: string): Promise<KnownRulebooks> {
    const stream = `${rulebookPrefix}${platform}`;
    const damage = this.damaged.current(stream);
    if (damage) return damage;
    try {
      const versions = await this.rulebooks.confirmed(platform);
      this.damaged.mended(stream);
      return versions;
    } catch (error) {
      if (!(error instanceof StreamDamaged)) throw error;
      this.damaged.note(stream, error);
      return error;
    }
  }

  private chargeShare(
    share: readonly ReceivedUsage[],
    rulebooks: ReadonlyMap<string, KnownRulebooks>,
  ): Promise<readonly UsageResult[]> {
    const first = share[0];
    if (!first) return Promise.resolve([]);
    const versions = rulebooks.get(first.platform) ?? [];
    if (versions instanceof StreamDamaged) return Promise.resolve(share.map(() => damagedResult(versions)));
    const charging = this.writer.charge({
      stream: first.stream,
      weight: share.length,
      decide: (account, maxCharges) => this.usage.decide(account, share, versions, maxCharges),
    });
    return charging.catch((error: unknown) => {
      if (error instanceof StreamDamaged) return share.map(() => damagedResult(error));
      if (!(error instanceof EventTooLarge)) throw error;
      return share.length === 1 ? [unratable(error)] : this.chargeOneByOne(share, rulebooks);
    });
  }

  /** Finds the one usage whose event no store would take, without a loss to the others. */
  private async chargeOneByOne(
    share: readonly ReceivedUsage[],
    rulebooks: ReadonlyMap<string, KnownRulebooks>,
  ): Promise<readonly UsageResult[]> {
    const results: UsageResult[] = [];
    for (const one of share) results.push(...(await this.chargeShare([one], rulebooks)));
    return results;
  }

  private note(
    one: ReceivedUsage,
    result: Exclude<UsageResult, { kind: 'later' }>,
    deads: DeadRecord[],
    resolved: DeliveredRecord[],
  ): void {
    if (result.kind === 'dead') {
      deads.push({ ...dead(one.record, one.platform, one.account, result.reason, result.detail), error: result.error });
      return;
    }
    if (result.kind === 'charged') this.counts.charged += 1;
    else this.counts.duplicates += 1;
    if (one.record.headers[deadLetterIdHeader] !== undefined) resolved.push(one.record);
  }

  private async publish(deads: readonly DeadRecord[], resolved: readonly DeliveredRecord[]): Promise<void> {
    const records = [...deads.flatMap(toDeadLetter), ...resolved.map(toResolution)];
    for (const some of inPublishes(records)) await this.topics.publish(TOPICS.deadLetters, some);
  }

  private alarm({ record, platform, error }: DeadRecord): void {
    this.counts.unratable += 1;
    const { topic, partition, offset } = record;
    this.log.error(
      { err: error, platform, topic, partition, offset },
      'The rules threw on a usage, which is a bug. It waits among the dead letters.',
    );
  }
}

/** The records in their order, in lists that no topic finds too large. */
function* inPublishes(records: readonly TopicRecord[]): Iterable<readonly TopicRecord[]> {
  let some: TopicRecord[] = [];
  let length = 0;
  for (const record of records) {
    if (some.length > 0 && length + record.value.length > MAX_PUBLISH_LENGTH) {
      yield some;
      [some, length] = [[], 0];
    }
    some.push(record);
    length += record.value.length;
  }
  if (some.length > 0) yield some;
}

function damagedResult({ message }: StreamDamaged): UsageResult {
  return { kind: 'dead', reason: 'stream_damaged', detail: message.slice(0, MAX_DETAIL_LENGTH) };
}

/** One account's usage at a time, in the order it came, cut where an event would grow too large. */
function sharesOf(received: readonly ReceivedUsage[]): ReceivedUsage[][] {
  const open = new Map<string, { readonly share: ReceivedUsage[]; length: number }>();
  const shares: ReceivedUsage[][] = [];
  for (const one of received) {
    const { length } = one.record.value;
    let last = open.get(one.stream);
    if (!last || last.share.length >= MAX_CHARGES_PER_EVENT || last.length + length > MAX_LENGTH_PER_EVENT) {
      last = { share: [], length: 0 };
      shares.push(last.share);
      open.set(one.stream, last);
    }
    last.share.push(one);
    last.length += length;
  }
  return shares;
}
