import { instantMs } from '@meterbook/domain/time/instant';
import type { PaidPeriod } from '@meterbook/domain/account/subscription/events';
import { accountNamed, accountStream } from '@meterbook/books/account-stream';
import { decodeEvent } from '@meterbook/books/event-codec';
import { accountPrefix } from '@meterbook/books/stream-kinds';
import { folded, type DamagedStreams } from '@meterbook/event-store/damaged-streams';
import type { EventStore, StoredEvent } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import type { Clock } from '@meterbook/runtime/clock';
import { Turns } from '@meterbook/runtime/turns';
import type { AccountStates } from './account-states';
import type { DeliveryFile, PeriodEnd } from './delivery-file';
import { EXPIRING_BEFORE_MS, periodEndOf } from './expiring-periods';
import type { Listener } from './registry';

/** How often is looked for endpoints that are new, milliseconds. */
const LOOK_EVERY_MS = 250;
const paying: ReadonlySet<string> = new Set(['SubscriptionStarted', 'SubscriptionRenewed', 'PlanSwitched']);

export interface LearnParts {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly states: AccountStates;
  readonly damaged: DamagedStreams;
}

/** Finds the periods that were paid before an endpoint asked to be told when they end. */
export class LearnPeriods {
  private readonly wanted = new Map<string, Listener>();

  constructor(private readonly parts: LearnParts) {}

  /** The endpoint asks for it, from now on. */
  want(listener: Listener): void {
    if (listener.endpoint.enabled && listener.endpoint.events.includes('subscription.expiring'))
      this.wanted.set(listener.key, listener);
    else this.wanted.delete(listener.key);
  }

  /** The loop: looks until aborted. One endpoint at a time, each once. */
  async run(file: DeliveryFile, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      for (const [key, listener] of this.wanted) {
        this.wanted.delete(key);
        if (!file.isLearned(key)) await this.learn(listener, file, signal);
      }
      await this.parts.clock.sleep(LOOK_EVERY_MS, signal);
    }
  }

  private async learn(
    { key, platform, endpoint: { account } }: Listener,
    file: DeliveryFile,
    signal: AbortSignal,
  ): Promise<void> {
    if (account === null) await this.readAll(platform, file, signal);
    else await this.readOne(platform, account, file);
    if (!signal.aborted) file.setLearned(key);
  }

  private async readOne(platform: string, account: string, file: DeliveryFile): Promise<void> {
    const name = { platform, account };
    try {
      const period = periodEndOf(name, await this.parts.states.now(name), -Infinity);
      if (period) file.setPeriod(period);
    } catch (error) {
      this.passOver(accountStream(name), error);
    }
  }

  /** Of a platform every payment of a period is looked at, and no account is folded. */
  private async readAll(platform: string, file: DeliveryFile, signal: AbortSignal): Promise<void> {
    const turns = new Turns(this.parts.clock);
    for await (const { events, caughtUp } of this.parts.store.subscribe(
      [`${accountPrefix}${platform}/`],
      'start',
      signal,
    )) {
      const periods = events.flatMap((stored) => this.periodIn(stored));
      if (periods.length > 0) file.together(() => periods.forEach((period) => file.setPeriod(period)));
      if (caughtUp) return;
      await turns.next();
    }
  }

  private periodIn(stored: StoredEvent): PeriodEnd[] {
    const account = stored.stream.slice(accountPrefix.length);
    if (!paying.has(stored.type) || !accountNamed(account)) return [];
    try {
      const endsAt = folded(stored.stream, () => endIn(stored));
      const dueAt = Math.max(endsAt - EXPIRING_BEFORE_MS, stored.bookedAt);
      return [{ account, revision: stored.revision, endsAt, dueAt }];
    } catch (error) {
      this.passOver(stored.stream, error);
      return [];
    }
  }

  private passOver(stream: string, error: unknown): void {
    if (!(error instanceof StreamDamaged)) throw error;
    this.parts.damaged.note(stream, error);
  }
}

function endIn(stored: StoredEvent): number {
  const { period } = decodeEvent<{ readonly type: string; readonly period: PaidPeriod }>(stored);
  const endsAt = instantMs(period.to);
  if (Number.isNaN(endsAt)) throw new Error(`the period at revision ${stored.revision} has no end`);
  return endsAt;
}
