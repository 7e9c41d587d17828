import type { FoundCharge } from '@meterbook/domain/account/charging/reverse';
import type { AccountEvent } from '@meterbook/domain/account/events';
import { decodeEvent } from './event-codec';
import { accountPrefix, checkpointPrefix } from './stream-kinds';
import type { EventStore, StoredEvent } from '@meterbook/event-store/event-store';

export interface AccountName {
  readonly platform: string;
  readonly account: string;
}

const keyOfOurs = /^([a-z0-9][a-z0-9-]{0,62})\/([A-Za-z0-9][A-Za-z0-9._:@-]{0,127})$/;

/** The account that `{platform}/{account}` names; undefined where nobody could have such an account. */
export function accountNamed(key: string): AccountName | undefined {
  const [, platform, account] = keyOfOurs.exec(key) ?? [];
  return platform === undefined || account === undefined ? undefined : { platform, account };
}

export function accountStream({ platform, account }: AccountName): string {
  return `${accountPrefix}${platform}/${account}`;
}

/** The checkpoints of an account's stream. */
export function checkpointStream(stream: string): string {
  return `${checkpointPrefix}${stream.slice(accountPrefix.length)}`;
}

/** The event at a revision of a stream; throws where there is none. */
export async function eventAt(store: EventStore, stream: string, revision: number): Promise<StoredEvent> {
  for await (const event of store.read(stream, revision, 'backward')) if (event.revision === revision) return event;
  throw new Error(`${stream} has no revision ${revision}`);
}

/** The charge at an index of the `UsageCharged` at a revision; throws where there is none. */
export async function chargeAt(
  store: EventStore,
  stream: string,
  revision: number,
  index: number,
): Promise<FoundCharge> {
  const event = decodeEvent<AccountEvent>(await eventAt(store, stream, revision));
  const charge = event.type === 'UsageCharged' ? event.charges[index] : undefined;
  if (!charge) throw new Error(`${stream} has no charge at ${revision}/${index}`);
  return { charge, revision, index };
}
