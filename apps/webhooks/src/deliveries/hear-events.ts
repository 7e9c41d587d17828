import type { AccountEvent } from '@meterbook/domain/account/events';
import { viewAccount } from '@meterbook/domain/account/view';
import { versionInForce } from '@meterbook/domain/rulebook/rulebook';
import { typesOfEvent } from '@meterbook/domain/webhook/messages';
import type { AccountWebhookType } from '@meterbook/domain/webhook/webhook-types';
import { accountNamed, accountStream, type AccountName } from '@meterbook/books/account-stream';
import { accountPrefix, holdPrefix } from '@meterbook/books/stream-kinds';
import { folded, type DamagedStreams } from '@meterbook/event-store/damaged-streams';
import type { EventStore, StoredEvent } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import type { Clock } from '@meterbook/runtime/clock';
import type { AccountStates } from './account-states';
import { periodEndOf } from './expiring-periods';
import { heldMoney } from './held-money';
import type { QueueBatch } from './queue-batch';
import type { Listener } from './registry';
import { deliveryId, tellEvent, tellLow, whoHears } from './tell-event';

/** Events of holds that change what is available. */
const holding: ReadonlySet<string> = new Set(['HoldPlaced', 'HoldReleased']);
const lowAlone: readonly AccountWebhookType[] = ['wallet.low'];
const none: readonly AccountWebhookType[] = [];

export interface HearParts {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly states: AccountStates;
  readonly damaged: DamagedStreams;
}

/** Who listens to an account and wants one of the types. */
export type WhoListens = (name: AccountName, types: readonly string[]) => readonly Listener[];

/** Makes of events what those are to be told who listen; a stream that cannot be read is passed over and told of. */
export class HearEvents {
  constructor(private readonly parts: HearParts) {}

  /** Takes an event of an account, or of its holds, into a batch. */
  async take(stored: StoredEvent, whoListens: WhoListens, batch: QueueBatch): Promise<void> {
    const isHold = stored.stream.startsWith(holdPrefix);
    const name = accountNamed(stored.stream.slice((isHold ? holdPrefix : accountPrefix).length));
    const types = isHold ? (holding.has(stored.type) ? lowAlone : none) : typesOf(stored.type);
    const listeners = name && types.length > 0 ? whoListens(name, types) : [];
    if (!name || listeners.length === 0) return;
    try {
      if (!isHold) await this.takeEvent(stored, name, listeners, batch);
      else if (stored.bookedAt >= batch.since) await this.takeHold(stored, name, listeners, batch);
    } catch (error) {
      if (!(error instanceof StreamDamaged)) throw error;
      this.parts.damaged.note(stored.stream, error);
    }
  }

  private async takeEvent(
    stored: StoredEvent,
    name: AccountName,
    listeners: readonly Listener[],
    batch: QueueBatch,
  ): Promise<void> {
    const { store, states, clock } = this.parts;
    const versions = await batch.versions(name.platform);
    const heard = { name, stored, listeners, versions };
    // What was booked long before the file was made is not told once more; that its periods end is.
    if (stored.bookedAt >= batch.since) batch.add(await tellEvent(heard, { store, states, nowMs: clock.now() }, batch));
    if (typesOf(stored.type).includes('subscription.expiring'))
      batch.addPeriod(periodEndOf(name, await states.before(name, stored.revision + 1), stored.bookedAt));
  }

  /** Of a hold nobody is told, but it may bring what is available below a threshold. */
  private async takeHold(
    { stream, revision, bookedAt: atMs }: StoredEvent,
    name: AccountName,
    listeners: readonly Listener[],
    batch: QueueBatch,
  ): Promise<void> {
    const { store, states, clock } = this.parts;
    const versions = await batch.versions(name.platform);
    const account = await states.latest(name);
    const rulebook = versionInForce(versions, atMs)?.rulebook;
    if (!account || !rulebook) return;
    const held = await heldMoney(store, name, account, clock.now());
    const view = folded(accountStream(name), () => viewAccount(account, rulebook, atMs, held));
    const hearing = whoHears(listeners, account, versions, atMs);
    for (const listener of listeners) {
      const wasLow = batch.lowMark(listener.key, name.account)?.isLow ?? false;
      const low = tellLow(listener, { name, account, view, held, wasLow, atMs }, batch);
      if (low !== undefined && hearing.includes(listener))
        batch.add([{ ...low, id: deliveryId(stream, revision, 'wallet.low', listener.key) }]);
    }
  }
}

function typesOf(type: string): readonly AccountWebhookType[] {
  return Object.hasOwn(typesOfEvent, type) ? typesOfEvent[type as AccountEvent['type']] : none;
}
