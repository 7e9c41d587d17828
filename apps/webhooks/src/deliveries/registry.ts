import { Endpoints, type Endpoint } from '@meterbook/domain/webhook/endpoints';
import type { WebhookEvent } from '@meterbook/domain/webhook/events';
import type { AccountName } from '@meterbook/books/account-stream';
import { accountPrefix, holdPrefix, webhookPrefix } from '@meterbook/books/stream-kinds';
import { folded } from '@meterbook/event-store/damaged-streams';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import { decodeWebhookEvent } from '../endpoints/webhook-streams';
import { endpointKey } from '../endpoints/webhook-owner';

/** An endpoint and whose it is, as of where the store was read up to. */
export interface Listener {
  readonly key: string;
  readonly platform: string;
  readonly endpoint: Endpoint;
}

/** Every endpoint there is, as the store says up to where the loop has read it. */
export class Registry {
  private readonly platforms = new Map<string, Endpoints>();
  private readonly byKey = new Map<string, Listener>();
  /** How many endpoints each platform has. */
  private readonly counts = new Map<string, { readonly all: number; readonly withThreshold: number }>();

  /** Takes in an event of a platform's stream; what it comes to. Throws `StreamDamaged` where it makes no sense. */
  take(stored: StoredEvent): { readonly event: WebhookEvent; readonly listener: Listener } {
    const { stream } = stored;
    const platform = stream.slice(webhookPrefix.length);
    return folded(stream, () => {
      const event = decodeWebhookEvent(stored);
      const endpoints = this.platforms.get(platform) ?? new Endpoints();
      const endpoint = endpoints.evolve(event);
      this.platforms.set(platform, endpoints);
      const key = endpointKey({ platform, account: endpoint.account }, endpoint.webhookId);
      const listener = { key, platform, endpoint };
      const before = this.byKey.get(key);
      if (before) this.count(before, -1);
      this.byKey.delete(key);
      if (!endpoint.removed) {
        this.byKey.set(key, listener);
        this.count(listener, 1);
      }
      return { event, listener };
    });
  }

  find(key: string): Listener | undefined {
    return this.byKey.get(key);
  }

  get size(): number {
    return this.byKey.size;
  }

  /** How many were disabled because nothing can be delivered to them. */
  get disabled(): number {
    let count = 0;
    for (const { endpoint } of this.byKey.values()) if (endpoint.disabledBecause !== null) count += 1;
    return count;
  }

  /** Those that are delivered to and want one of the types, of an account and of its platform. */
  listening({ platform, account }: AccountName, types: readonly string[]): readonly Listener[] {
    const endpoints = this.platforms.get(platform);
    if (!endpoints || types.length === 0) return [];
    return [...endpoints.of(account), ...endpoints.of(null)].flatMap((endpoint) => {
      if (!endpoint.enabled || !endpoint.events.some((wanted) => types.includes(wanted))) return [];
      return this.find(endpointKey({ platform, account: endpoint.account }, endpoint.webhookId)) ?? [];
    });
  }

  /** Those of a platform itself that are delivered to and want a type. */
  ofPlatform(platform: string, type: string): readonly Listener[] {
    const endpoints = this.platforms.get(platform)?.of(null) ?? [];
    return endpoints.flatMap(({ webhookId, enabled, events }) => {
      const listener = this.find(endpointKey({ platform, account: null }, webhookId));
      return enabled && events.includes(type) && listener ? listener : [];
    });
  }

  /** What of the store has to be read: the endpoints, and the accounts of the platforms that have some. */
  prefixes(): readonly string[] {
    return [webhookPrefix, ...[...this.counts.keys()].sort().flatMap((platform) => this.prefixesOf(platform))];
  }

  /** The same of one platform; holds only matter where somebody has a threshold. */
  prefixesOf(platform: string): readonly string[] {
    const { all = 0, withThreshold = 0 } = this.counts.get(platform) ?? {};
    if (all === 0) return [];
    const accounts = `${accountPrefix}${platform}/`;
    return withThreshold > 0 ? [accounts, `${holdPrefix}${platform}/`] : [accounts];
  }

  private count({ platform, endpoint }: Listener, change: 1 | -1): void {
    const { all = 0, withThreshold = 0 } = this.counts.get(platform) ?? {};
    const counts = { all: all + change, withThreshold: withThreshold + (endpoint.threshold === null ? 0 : change) };
    if (counts.all > 0) this.counts.set(platform, counts);
    else this.counts.delete(platform);
  }
}
