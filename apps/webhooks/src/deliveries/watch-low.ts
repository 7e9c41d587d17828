import { viewAccount } from '@meterbook/domain/account/view';
import { versionInForce } from '@meterbook/domain/rulebook/rulebook';
import { accountStream } from '@meterbook/books/account-stream';
import type { Rulebooks } from '@meterbook/books/rulebooks';
import type { DamagedStreams } from '@meterbook/event-store/damaged-streams';
import type { EventStore } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import type { Clock } from '@meterbook/runtime/clock';
import type { AccountStates } from './account-states';
import type { DeliveryFile, LowRow } from './delivery-file';
import { heldMoney } from './held-money';
import type { Listener, Registry } from './registry';
import { deliveryId, tellLow, whoHears } from './tell-event';

/** How often is looked for accounts that time alone may have changed, milliseconds, and how many are taken at a time. */
const LOOK_EVERY_MS = 5_000;
const MAX_TAKEN = 100;

export interface WatchParts {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly rulebooks: Rulebooks;
  readonly registry: Registry;
  readonly states: AccountStates;
  readonly damaged: DamagedStreams;
  readonly queued: (endpoints: ReadonlySet<string>) => void;
}

/** Looks at accounts when time alone changes what is available of them, for `wallet.low`. */
export class WatchLow {
  constructor(private readonly parts: WatchParts) {}

  /** The loop: looks until aborted. */
  async run(file: DeliveryFile, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const due = file.lowsDue(this.parts.clock.now(), MAX_TAKEN);
      for (const row of due) {
        const listener = this.parts.registry.find(row.endpoint);
        if (listener) await this.lookOrPassOver(listener, row, file);
        else file.setLow(row.endpoint, row.account, { isLow: row.isLow === 1, changesAt: null });
      }
      if (due.length < MAX_TAKEN) await this.parts.clock.sleep(LOOK_EVERY_MS, signal);
    }
  }

  private async lookOrPassOver(listener: Listener, row: LowRow, file: DeliveryFile): Promise<void> {
    const { platform } = listener;
    try {
      await this.look(listener, row, file);
    } catch (error) {
      if (!(error instanceof StreamDamaged)) throw error;
      this.parts.damaged.note(accountStream({ platform, account: row.account }), error);
      file.setLow(row.endpoint, row.account, { isLow: row.isLow === 1, changesAt: null });
    }
  }

  private async look(
    listener: Listener,
    { account: named, isLow, changesAt }: LowRow,
    file: DeliveryFile,
  ): Promise<void> {
    const { store, clock, rulebooks, states } = this.parts;
    const name = { platform: listener.platform, account: named };
    const [account, versions] = [await states.now(name), await rulebooks.confirmed(name.platform)];
    const atMs = clock.now();
    const rulebook = versionInForce(versions, atMs)?.rulebook;
    if (!account || !rulebook) {
      file.setLow(listener.key, named, { isLow: isLow === 1, changesAt: null });
      return;
    }
    const held = await heldMoney(store, name, account, atMs);
    const view = viewAccount(account, rulebook, atMs, held);
    const hears = listener.endpoint.enabled && whoHears([listener], account, versions, atMs).length > 0;
    file.together(() => {
      const low = tellLow(listener, { name, account, view, held, wasLow: isLow === 1, atMs }, file);
      const id = deliveryId(accountStream(name), 'wallet.low', listener.key, changesAt);
      if (low !== undefined && hears) file.queue({ ...low, id }, atMs);
    });
    this.parts.queued(new Set([listener.key]));
  }
}
