import { storedInstant } from '../time/instant';
import type { DisabledBecause, WebhookChanged, WebhookEvent, WebhookRegistered, WebhookSecret } from './events';

/** A secret that deliveries are signed with. */
export interface SigningSecret extends WebhookSecret {
  /** Until when, milliseconds since 1970; null for the current one. */
  readonly validUntil: number | null;
}

/** An address that is told of what happens to an account, or on a platform. */
export interface Endpoint {
  /** Null for an endpoint of the platform itself. */
  readonly account: string | null;
  readonly webhookId: string;
  readonly url: string;
  readonly events: readonly string[];
  /** Of `wallet.low`: what is available falls below it; null where it is not asked for. */
  readonly threshold: string | null;
  readonly enabled: boolean;
  /** Null while it is enabled, and where somebody asked for it. */
  readonly disabledBecause: DisabledBecause | null;
  /** Milliseconds since 1970. */
  readonly registeredAt: number;
  /** The newest last; more than one while rotated ones are still valid. */
  readonly secrets: readonly SigningSecret[];
  readonly digest: string;
  /** Rotations that are done, by the id they were asked for with. */
  readonly rotations: ReadonlySet<string>;
  readonly removed: boolean;
}

/** Secrets of one endpoint that are valid at a time, at the most: each is a signature in every delivery. */
export const MAX_VALID_SECRETS = 5;
/** Rotations of one endpoint whose ids are remembered. */
export const MAX_REMEMBERED_ROTATIONS = 100;

/** The endpoints of a platform and of its accounts, as the events of its stream say, in the order of their registration. */
export class Endpoints {
  private readonly byAccount = new Map<string | null, Map<string, Endpoint>>();

  /** Those that were not removed, of an account or, for null, of the platform itself. */
  of(account: string | null): readonly Endpoint[] {
    return [...(this.byAccount.get(account)?.values() ?? [])].filter(({ removed }) => !removed);
  }

  /** One of them, removed or not. */
  find(account: string | null, webhookId: string): Endpoint | undefined {
    return this.byAccount.get(account)?.get(webhookId);
  }

  /** Every one that was not removed. */
  *all(): Generator<Endpoint, void> {
    for (const endpoints of this.byAccount.values())
      for (const endpoint of endpoints.values()) if (!endpoint.removed) yield endpoint;
  }

  /** Takes in the next event; throws on what cannot be: corrupt data. */
  evolve(event: WebhookEvent): Endpoint {
    const known = this.find(event.account, event.webhookId);
    const after = evolved(known, event);
    const endpoints = this.byAccount.get(event.account) ?? new Map<string, Endpoint>();
    this.byAccount.set(event.account, endpoints.set(event.webhookId, after));
    return after;
  }
}

function evolved(known: Endpoint | undefined, event: WebhookEvent): Endpoint {
  if (event.type === 'WebhookRegistered') {
    if (known !== undefined) throw new Error(`${event.webhookId} was registered twice`);
    return registered(event);
  }
  if (known === undefined) throw new Error(`${event.type} before ${event.webhookId} was registered`);
  if (known.removed) throw new Error(`${event.type} after ${event.webhookId} was removed`);
  return event.type === 'WebhookRemoved' ? { ...known, removed: true } : changed(known, event);
}

function registered({
  account,
  webhookId,
  url,
  events,
  threshold,
  secret,
  digest,
  ...rest
}: WebhookRegistered): Endpoint {
  return {
    account,
    webhookId,
    url,
    events,
    threshold: threshold ?? null,
    enabled: true,
    disabledBecause: null,
    registeredAt: storedInstant(rest.occurredAt),
    secrets: [{ salt: secret.salt, key: secret.key, validUntil: null }],
    digest,
    rotations: none,
    removed: false,
  };
}

const none: ReadonlySet<string> = new Set<string>();

function changed(known: Endpoint, event: WebhookChanged): Endpoint {
  const { url = known.url, events = known.events, threshold = known.threshold, enabled = known.enabled } = event;
  const disabledBecause = event.enabled === undefined ? known.disabledBecause : (event.because ?? null);
  const next = { ...known, url, events, threshold, enabled, disabledBecause };
  return event.secret === undefined ? next : rotated(next, event.secret, event);
}

function rotated(
  known: Endpoint,
  { salt, key }: WebhookSecret,
  { previousUntil, requestId }: WebhookChanged,
): Endpoint {
  const until = previousUntil === undefined ? null : storedInstant(previousUntil);
  const earlier = known.secrets.map((secret) => ({ ...secret, validUntil: secret.validUntil ?? until }));
  const secrets = [...earlier, { salt, key, validUntil: null }].slice(-MAX_VALID_SECRETS);
  const rotations = requestId === undefined ? [...known.rotations] : [...known.rotations, requestId];
  return { ...known, secrets, rotations: new Set(rotations.slice(-MAX_REMEMBERED_ROTATIONS)) };
}

/** The secrets that a delivery at an instant (milliseconds since 1970) is signed with, the current one first. */
export function validSecrets({ secrets }: Endpoint, atMs: number): readonly SigningSecret[] {
  return secrets.filter(({ validUntil }) => validUntil === null || validUntil > atMs).reverse();
}
