import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Counter } from 'prom-client';
import { AgeWindow } from '@meterbook/domain/usage/age-window';
import { instantMs } from '@meterbook/domain/time/instant';
import type { Principal } from '@meterbook/http/auth/principal';
import { Metrics } from '@meterbook/http/metrics/metrics';
import { Problem, retryAfter } from '@meterbook/http/problem/problem';
import type { EventsBody } from '@meterbook/http/request/events-body';
import type { UsageEvent } from '@meterbook/messages/usage-event/usage-event';
import { acceptedAtHeader } from '@meterbook/messages/dead-letter';
import { faultsBySchema, isUsageEvent } from '@meterbook/messages/usage-event/usage-schema';
import { Clock } from '@meterbook/runtime/clock';
import { CONFIGURATION, type Configuration } from '@meterbook/runtime/configuration';
import { LOG, type Log } from '@meterbook/runtime/log';
import { Seldom } from '@meterbook/runtime/seldom';
import { Turns } from '@meterbook/runtime/turns';
import { Topics, TopicsBusy, type TopicRecord } from '@meterbook/topics/topics';
import { ageFault } from './age-fault';
import { IngestGate, topicsBusy } from './ingest-gate';
import type { Fault } from '@meterbook/messages/reading/fault';
import { TOPICS } from '@meterbook/messages/topic-table';

/** Most events of one request (SPEC §9). */
export const MAX_EVENTS = 1_000;
/** Most faults that one answer tells. */
export const MAX_FAULTS = 10_000;
const RETRY_AFTER_SECONDS = 1;
/** How often the log tells that usage cannot be published. */
const OUTAGE_LOG_EVERY_MS = 60_000;

export interface Accepted {
  readonly accepted: number;
}

/** All the usage of one request: one event, or an array of them. */
export class AcceptUsage extends Command<Accepted> {
  constructor(
    readonly body: EventsBody | undefined,
    readonly principal: Principal,
  ) {
    super();
  }
}

const invalidUsage = (detail: string, errors: readonly Fault[]): Problem =>
  new Problem('invalid_usage', detail, { errors });

const isSamePlace = (a: Fault, b: Fault): boolean => a.index === b.index && a.pointer === b.pointer;

/** The items of a request; throws where they are none or too many. */
function itemsOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) return [value];
  if (value.length > MAX_EVENTS) throw new Problem('payload_too_large', `A batch holds at most ${MAX_EVENTS} events.`);
  if (value.length > 0) return value;
  throw invalidUsage('The batch is empty.', [{ pointer: '', code: 'required', detail: 'needs at least one event' }]);
}

/** Its age is judged by the moment of acceptance, here and in the ledger, which therefore stands in the record itself. */
const toRecord = (event: UsageEvent, acceptedAt: string): TopicRecord => ({
  key: `${event.platform}/${event.subject}`,
  headers: { [acceptedAtHeader]: acceptedAt },
  value: JSON.stringify(event),
});

/** Accepts all of a batch or nothing of it, and answers only when every event is durable. */
@CommandHandler(AcceptUsage)
export class AcceptUsageHandler implements ICommandHandler<AcceptUsage> {
  private readonly window: AgeWindow;
  private readonly outages: Seldom;
  private readonly accepted: Counter;

  constructor(
    private readonly topics: Topics,
    private readonly clock: Clock,
    private readonly gate: IngestGate,
    metrics: Metrics,
    @Inject(LOG) private readonly log: Log,
    @Inject(CONFIGURATION) configuration: Configuration,
  ) {
    this.outages = new Seldom(clock, OUTAGE_LOG_EVERY_MS);
    this.window = new AgeWindow(configuration.USAGE_MAX_AGE_DAYS);
    // Made before the first event, so that a rate sees that one too.
    this.accepted = metrics.counter('usage_events_accepted_total', 'Usage events that became durable.');
  }

  async execute({ body, principal }: AcceptUsage): Promise<Accepted> {
    if (body === undefined) throw new Problem('invalid_json', 'The body is empty.');
    const acceptedAt = this.clock.now();
    const turns = new Turns(this.clock);
    const events = await this.check(itemsOf(body.value), body.doubts, acceptedAt, turns);
    this.refuseOtherPlatforms(events, principal);
    const records: TopicRecord[] = [];
    for (const event of events) {
      records.push(toRecord(event, String(acceptedAt)));
      if (turns.areOver) await turns.next();
    }
    await this.publish(records);
    this.accepted.inc(events.length);
    return { accepted: events.length };
  }

  private async check(
    items: readonly unknown[],
    doubts: readonly Fault[],
    now: number,
    turns: Turns,
  ): Promise<readonly UsageEvent[]> {
    const [events, faults]: [UsageEvent[], Fault[]] = [[], []];
    for (const [index, item] of items.entries()) {
      if (isUsageEvent(item)) {
        events.push(item);
        const fault = ageFault(this.window, instantMs(item.time), now);
        if (fault) faults.push({ index, pointer: '/time', ...fault });
      } else {
        for (const fault of faultsBySchema(item)) faults.push({ index, ...fault });
      }
      if (faults.length >= MAX_FAULTS) break;
      if (turns.areOver) await turns.next();
    }
    faults.push(...doubts.filter((doubt) => !faults.some((fault) => isSamePlace(fault, doubt))));
    if (faults.length > 0) throw invalidUsage('Nothing of the request was accepted.', faults.slice(0, MAX_FAULTS));
    return events;
  }

  private refuseOtherPlatforms(events: readonly UsageEvent[], principal: Principal): void {
    if (principal.platforms === null) return;
    const detail = 'is not a platform of the token';
    const faults = events.flatMap((event, index): Fault[] =>
      principal.mayUse(event.platform) ? [] : [{ index, pointer: '/platform', code: 'forbidden', detail }],
    );
    if (faults.length > 0)
      throw new Problem('forbidden', 'The token is limited to other platforms.', { errors: faults });
  }

  private async publish(records: readonly TopicRecord[]): Promise<void> {
    try {
      await this.topics.publish(TOPICS.usage, records);
    } catch (error) {
      if (error instanceof TopicsBusy) {
        this.gate.close();
        throw topicsBusy();
      }
      this.outages.say(() => this.log.error({ err: error, topic: TOPICS.usage }, 'Usage could not be published.'));
      throw new Problem('unavailable', 'It is not known whether the usage was taken: send the same again.', {
        headers: retryAfter(RETRY_AFTER_SECONDS),
      });
    }
  }
}
