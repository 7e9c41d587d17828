import { Endpoints, type Endpoint } from '@meterbook/domain/webhook/endpoints';
import type { WebhookDecision } from '@meterbook/domain/webhook/decide';
import type { WebhookEvent } from '@meterbook/domain/webhook/events';
import { decodeEvent, encodeEvent, type EventMetadata } from '@meterbook/books/event-codec';
import { webhookPrefix } from '@meterbook/books/stream-kinds';
import { folded } from '@meterbook/event-store/damaged-streams';
import type { EventStore, StoredEvent } from '@meterbook/event-store/event-store';
import { chainStart } from '@meterbook/event-store/hash-chain';

/** Races for a platform's stream that a command may lose before it gives up. */
const MAX_ATTEMPTS = 20;

/** What a later version wrote is not read as something else. */
const known: Readonly<Record<WebhookEvent['type'], true>> = {
  WebhookRegistered: true,
  WebhookChanged: true,
  WebhookRemoved: true,
};

/** Too many others write to the platform's endpoints just now. */
export class WebhooksContended extends Error {
  override readonly name = 'WebhooksContended';
}

export function webhookStream(platform: string): string {
  return `${webhookPrefix}${platform}`;
}

/** The event of a platform's stream. Throws where it is of a type that this version does not know. */
export function decodeWebhookEvent(stored: Pick<StoredEvent, 'type' | 'data'>): WebhookEvent {
  if (!Object.hasOwn(known, stored.type))
    throw new Error(`events of type ${stored.type} are not known to this version`);
  const event = decodeEvent<WebhookEvent>(stored);
  if (!isWhole(event)) throw new Error(`a ${stored.type} of the wrong shape`);
  return event;
}

/** Whether an event is what was written: whatever is stored, nobody else's deliveries may end with it. */
function isWhole(event: WebhookEvent): boolean {
  const { account, webhookId } = event as { readonly account: unknown; readonly webhookId: unknown };
  if ((account !== null && typeof account !== 'string') || typeof webhookId !== 'string') return false;
  if (event.type === 'WebhookRemoved') return true;
  const { url, events, secret } = event as {
    readonly url?: unknown;
    readonly events?: unknown;
    readonly secret?: unknown;
  };
  const isRegistration = event.type === 'WebhookRegistered';
  return isTextOr(url, !isRegistration) && areTextsOr(events, !isRegistration) && isSecretOr(secret, !isRegistration);
}

function isTextOr(value: unknown, mayBeAbsent: boolean): boolean {
  return typeof value === 'string' || (mayBeAbsent && value === undefined);
}

function areTextsOr(value: unknown, mayBeAbsent: boolean): boolean {
  if (value === undefined) return mayBeAbsent;
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function isSecretOr(value: unknown, mayBeAbsent: boolean): boolean {
  if (value === undefined) return mayBeAbsent;
  if (typeof value !== 'object' || value === null || !('salt' in value) || !('key' in value)) return false;
  return typeof value.salt === 'string' && typeof value.key === 'string';
}

/** What a command has come to. */
export interface Carried {
  readonly decision: Exclude<WebhookDecision, { readonly kind: 'refused' }>;
  readonly endpoint: Endpoint;
}

interface ReadStream {
  readonly endpoints: Endpoints;
  revision: number;
  hash: string;
}

/** Every platform's endpoints, read from their streams as they grow. A stream that makes no sense throws `StreamDamaged`. */
export class WebhookStreams {
  private readonly platforms = new Map<string, ReadStream>();

  constructor(private readonly store: EventStore) {}

  /** A platform's endpoints as of the head of its stream. */
  async confirmed(platform: string): Promise<Endpoints> {
    return (await this.read(platform)).endpoints;
  }

  /**
   * Decides on the endpoints at the head of the stream and appends what that comes to; decides again where another was faster. A
   * refusal is given back with nothing written. Throws `WebhooksContended`.
   */
  async command(
    platform: string,
    decide: (endpoints: Endpoints) => WebhookDecision,
    metadata: EventMetadata,
  ): Promise<Carried | Extract<WebhookDecision, { readonly kind: 'refused' }>> {
    const stream = webhookStream(platform);
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const { endpoints, revision, hash } = await this.read(platform);
      const decision = decide(endpoints);
      if (decision.kind === 'refused') return decision;
      if (decision.kind === 'already so') return { decision, endpoint: decision.endpoint };
      const { event } = decision;
      const expectedRevision = revision < 0 ? 'no-stream' : revision;
      const events = [encodeEvent(stream, revision + 1, hash, event, metadata)];
      const [outcome] = await this.store.append([{ stream, expectedRevision, events }]);
      if (outcome?.kind !== 'appended') continue;
      const endpoint = (await this.confirmed(platform)).find(event.account, event.webhookId);
      if (endpoint) return { decision, endpoint };
    }
    throw new WebhooksContended(`the webhooks of ${platform} lost ${MAX_ATTEMPTS} times to other writers`);
  }

  private async read(platform: string): Promise<ReadStream> {
    const stream = webhookStream(platform);
    const head = await this.store.head(stream);
    const read = this.platforms.get(platform) ?? { endpoints: new Endpoints(), revision: -1, hash: chainStart };
    if (head === 'no-stream' || head <= read.revision) return read;
    this.platforms.set(platform, read);
    for await (const stored of this.store.read(stream, read.revision + 1, 'forward')) {
      // Others may read the same stream while this waits for the store.
      if (stored.revision !== read.revision + 1) continue;
      folded(stream, () => read.endpoints.evolve(decodeWebhookEvent(stored)));
      read.revision = stored.revision;
      read.hash = stored.hash;
    }
    return read;
  }
}
