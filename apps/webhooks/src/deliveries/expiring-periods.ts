import type { Account } from '@meterbook/domain/account/account';
import type { Period } from '@meterbook/domain/account/subscription/subscription';
import { viewAccount } from '@meterbook/domain/account/view';
import { versionInForce } from '@meterbook/domain/rulebook/rulebook';
import { formatInstant } from '@meterbook/domain/time/instant';
import { accountNamed, accountStream, type AccountName } from '@meterbook/books/account-stream';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import type { DeliveryFile, PeriodEnd } from './delivery-file';
import { heldMoney } from './held-money';
import { bodyOf, deliveryId, whoHears } from './tell-event';
import type { WatchParts } from './watch-low';

/** How long before its end a period is told of, milliseconds. */
export const EXPIRING_BEFORE_MS = 72 * 3_600_000;
/** How often is looked for periods that end soon, milliseconds, and how many are taken at a time. */
const LOOK_EVERY_MS = 5_000;
const MAX_TAKEN = 100;

/** When the last paid period of an account ends and is to be told of; undefined where it never had one. */
export function periodEndOf(
  name: AccountName,
  account: Account | undefined,
  bookedAtMs: number,
): PeriodEnd | undefined {
  const period = lastPeriod(account);
  if (!account || !period) return undefined;
  const key = `${name.platform}/${name.account}`;
  const dueAt = Math.max(period.to - EXPIRING_BEFORE_MS, bookedAtMs);
  return { account: key, revision: account.revision, endsAt: period.to, dueAt };
}

function lastPeriod(account: Account | undefined): Period | undefined {
  return account?.subscription?.timeline.at(-1);
}

/** Tells of periods that end in three days and that no renewal follows, each once. */
export class ExpiringPeriods {
  constructor(private readonly parts: WatchParts) {}

  /** The loop: looks until aborted. */
  async run(file: DeliveryFile, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const due = file.periodsDue(this.parts.clock.now(), MAX_TAKEN);
      for (const period of due) await this.tell(period, file);
      if (due.length < MAX_TAKEN) await this.parts.clock.sleep(LOOK_EVERY_MS, signal);
    }
  }

  private async tell(period: PeriodEnd, file: DeliveryFile): Promise<void> {
    const name = accountNamed(period.account);
    try {
      if (name) await this.tellOf(name, period, file);
    } catch (error) {
      if (!(error instanceof StreamDamaged) || !name) throw error;
      this.parts.damaged.note(accountStream(name), error);
    }
    file.dropPeriod(period);
  }

  /** The account says once more whether it is so: a renewal may have been booked that was not read yet. */
  private async tellOf(name: AccountName, { endsAt, dueAt }: PeriodEnd, file: DeliveryFile): Promise<void> {
    const { store, clock, rulebooks, registry, states } = this.parts;
    const account = await states.now(name);
    const period = lastPeriod(account);
    const versions = await rulebooks.confirmed(name.platform);
    const rulebook = versionInForce(versions, clock.now())?.rulebook;
    if (!account || !rulebook || period?.to !== endsAt || dueAt < file.progress().since) return;
    const listeners = whoHears(registry.listening(name, ['subscription.expiring']), account, versions, clock.now());
    const { plan, kind, from, to } = period;
    const cancelAtPeriodEnd = account.subscription?.cancelled ?? false;
    const data = { plan, kind, periodStart: formatInstant(from), periodEnd: formatInstant(to), cancelAtPeriodEnd };
    const timestamp = formatInstant(Math.max(dueAt, to - EXPIRING_BEFORE_MS));
    const held = await heldMoney(store, name, account, clock.now());
    const view = viewAccount(account, rulebook, clock.now(), held);
    const body = bodyOf(name, { type: 'subscription.expiring', timestamp, data }, view);
    const id = deliveryId(accountStream(name), 'subscription.expiring', endsAt);
    file.together(() => {
      for (const { key, endpoint } of listeners)
        if (dueAt >= endpoint.registeredAt)
          file.queue({ endpoint: key, account: name.account, id, type: 'subscription.expiring', body }, clock.now());
    });
    this.parts.queued(new Set(listeners.map(({ key }) => key)));
  }
}
