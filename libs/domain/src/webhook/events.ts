/** WARNING: stored for ever. Add optional fields; never rename, retype or remove one. No secret stands in them. */
export type WebhookEvent = WebhookRegistered | WebhookChanged | WebhookRemoved;

/** What a signing secret is derived from, together with a key that is kept outside of the store. */
export interface WebhookSecret {
  /** Chance, base64url: another one makes another secret. */
  readonly salt: string;
  /** Which key it is derived with: the fingerprint of that key. */
  readonly key: string;
}

export interface WebhookRegistered {
  readonly type: 'WebhookRegistered';
  readonly occurredAt: string;
  /** Null for an endpoint of the platform itself. */
  readonly account: string | null;
  readonly webhookId: string;
  readonly url: string;
  readonly events: readonly string[];
  /** Of `wallet.low`: what is available falls below it. */
  readonly threshold?: string;
  readonly secret: WebhookSecret;
  readonly digest: string;
}

export interface WebhookChanged {
  readonly type: 'WebhookChanged';
  readonly occurredAt: string;
  readonly account: string | null;
  readonly webhookId: string;
  readonly url?: string;
  readonly events?: readonly string[];
  readonly threshold?: string | null;
  readonly enabled?: boolean;
  /** Why it was disabled; left out where somebody asked for it. */
  readonly because?: DisabledBecause;
  /** Its secret from here on; the one before stays valid until `previousUntil`. */
  readonly secret?: WebhookSecret;
  readonly previousUntil?: string;
  /** The id that makes a rotation idempotent. */
  readonly requestId?: string;
}

/** Nothing was taken for days, or the receiver said that it is gone for good. */
export type DisabledBecause = 'failing' | 'gone';

export interface WebhookRemoved {
  readonly type: 'WebhookRemoved';
  readonly occurredAt: string;
  readonly account: string | null;
  readonly webhookId: string;
}
