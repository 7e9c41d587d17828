import {
  changeWebhook,
  registerWebhook,
  removeWebhook,
  repeatedRegistration,
  rotateSecret,
  type EndpointChange,
  type Registration,
  type WebhookDecision,
} from '@meterbook/domain/webhook/decide';
import type { Endpoint, Endpoints } from '@meterbook/domain/webhook/endpoints';
import { AccountHistory } from '@meterbook/books/account-history';
import type { EventMetadata } from '@meterbook/books/event-codec';
import type { Rulebooks } from '@meterbook/books/rulebooks';
import { accountStream } from '@meterbook/books/account-stream';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import type { EventStore } from '@meterbook/event-store/event-store';
import { Problem, retryAfter } from '@meterbook/http/problem/problem';
import { unknownPlatform } from '@meterbook/http/request/known-platform';
import { requestProblem } from '@meterbook/http/request/read-request';
import { Written } from '@meterbook/http/request/written';
import type { Clock } from '@meterbook/runtime/clock';
import type { Networks } from '../receivers/networks';
import { AddressNotAllowed, checkAddresses, type ResolveHost } from '../receivers/resolve-host';
import { hostOf, urlFault } from '../receivers/url-policy';
import type { SigningKeys } from '../secrets/signing-keys';
import type { WebhookOwner } from './webhook-owner';
import { hasWebhooks } from './webhook-tier';
import { WebhooksContended, type WebhookStreams } from './webhook-streams';

/** An endpoint, with its secret where that is shown. */
export interface ShownEndpoint {
  readonly endpoint: Endpoint;
  readonly secret?: string;
}

export type AskedRegistration = Omit<Registration, 'account' | 'secret'>;

/** Registers, changes and removes endpoints, and says why not. */
export class WebhookCommands {
  constructor(
    private readonly parts: {
      readonly store: EventStore;
      readonly streams: WebhookStreams;
      readonly rulebooks: Rulebooks;
      readonly keys: SigningKeys;
      readonly networks: Networks;
      readonly resolve: ResolveHost;
      readonly clock: Clock;
    },
  ) {}

  /** Throws `unknown_account`, `idempotency_conflict`, `webhooks_not_in_tier`, `url_not_allowed`, `invalid_request`. */
  async register(
    owner: WebhookOwner,
    asked: AskedRegistration,
    sender: EventMetadata,
  ): Promise<Written<ShownEndpoint>> {
    const { keys, clock } = this.parts;
    const registration = { ...asked, account: owner.account };
    const repeated = repeatedRegistration(await this.endpointsOf(owner), registration);
    if (repeated === undefined) {
      await this.refuseWithoutWebhooks(owner);
      await this.refuseAddress(asked.url);
    }
    const secret = keys.newSecret();
    const { endpoint, isRepeat } = await this.carry(
      owner,
      (endpoints) => registerWebhook(endpoints, { ...registration, secret }, clock.now()),
      sender,
    );
    if (isRepeat) return new Written({ endpoint }, true);
    return new Written({ endpoint, secret: keys.secretOf({ ...owner, webhookId: asked.webhookId }, secret) }, false);
  }

  /** Throws `unknown_webhook`, `url_not_allowed`, `invalid_request`. */
  async change(
    owner: WebhookOwner,
    webhookId: string,
    asked: EndpointChange,
    sender: EventMetadata,
  ): Promise<Endpoint> {
    await this.endpoint(owner, webhookId);
    if (asked.url !== undefined) await this.refuseAddress(asked.url);
    const decide = (endpoints: Endpoints): WebhookDecision =>
      changeWebhook(endpoints.find(owner.account, webhookId), asked, this.parts.clock.now());
    return (await this.carry(owner, decide, sender)).endpoint;
  }

  /** Shows the new secret this once; a repeat leaves it out. Throws `unknown_webhook`. */
  async rotate(
    owner: WebhookOwner,
    webhookId: string,
    requestId: string | null,
    sender: EventMetadata,
  ): Promise<Written<ShownEndpoint>> {
    const { keys, clock } = this.parts;
    await this.endpoint(owner, webhookId);
    const secret = keys.newSecret();
    const decide = (endpoints: Endpoints): WebhookDecision =>
      rotateSecret(endpoints.find(owner.account, webhookId), { secret, requestId }, clock.now());
    const { endpoint, isRepeat } = await this.carry(owner, decide, sender);
    if (isRepeat) return new Written({ endpoint }, true);
    return new Written({ endpoint, secret: keys.secretOf({ ...owner, webhookId }, secret) }, false);
  }

  /** Throws `unknown_webhook`. */
  async remove(owner: WebhookOwner, webhookId: string, sender: EventMetadata): Promise<void> {
    const decide = (endpoints: Endpoints): WebhookDecision =>
      removeWebhook(endpoints.find(owner.account, webhookId), this.parts.clock.now());
    await this.endpointsOf(owner);
    await this.carry(owner, decide, sender);
  }

  /** Throws `unknown_account`. */
  async list(owner: WebhookOwner): Promise<readonly Endpoint[]> {
    return (await this.endpointsOf(owner)).of(owner.account);
  }

  /** One that was not removed. Throws `unknown_account`, `unknown_webhook`. */
  async endpoint(owner: WebhookOwner, webhookId: string): Promise<Endpoint> {
    const endpoint = (await this.endpointsOf(owner)).find(owner.account, webhookId);
    if (endpoint && !endpoint.removed) return endpoint;
    throw new Problem('unknown_webhook', `There is no webhook ${webhookId}.`);
  }

  /** Throws `webhooks_not_in_tier` where the owner is an account whose tier has none. */
  async refuseWithoutWebhooks({ platform, account }: WebhookOwner): Promise<void> {
    if (account === null) return;
    const versions = await this.parts.rulebooks.confirmed(platform);
    if (this.parts.rulebooks.lastNumber(platform) === 0) throw unknownPlatform(platform);
    const found = await new AccountHistory(this.parts.store, { platform, account }).at(() => true);
    if (found.fault) throw new StreamDamaged(accountStream({ platform, account }), found.fault.detail);
    if (!found.account) throw unknownAccount(account);
    if (hasWebhooks(found.account, versions, this.parts.clock.now()) === true) return;
    throw new Problem('webhooks_not_in_tier', `The tier of ${account} has no webhooks.`);
  }

  /** A name that is known to lead into a private network is refused at once; one that cannot be looked up is when it is delivered to. */
  private async refuseAddress(url: string): Promise<void> {
    const { networks, resolve } = this.parts;
    const fault = urlFault(url, networks);
    if (fault !== undefined) throw new Problem('url_not_allowed', fault);
    const parsed = new URL(url);
    const addresses = await resolve(hostOf(parsed)).catch(() => []);
    try {
      checkAddresses(addresses, networks, parsed.protocol === 'https:');
    } catch (error) {
      if (!(error instanceof AddressNotAllowed)) throw error;
      throw new Problem('url_not_allowed', `It may not be delivered to: ${error.message}.`);
    }
  }

  private async endpointsOf({ platform, account }: WebhookOwner): Promise<Endpoints> {
    if (account !== null && (await this.parts.store.head(accountStream({ platform, account }))) === 'no-stream')
      throw unknownAccount(account);
    return this.parts.streams.confirmed(platform);
  }

  private async carry(
    { platform }: WebhookOwner,
    decide: (endpoints: Endpoints) => WebhookDecision,
    sender: EventMetadata,
  ): Promise<{ readonly endpoint: Endpoint; readonly isRepeat: boolean }> {
    try {
      const carried = await this.parts.streams.command(platform, decide, sender);
      if ('endpoint' in carried && 'decision' in carried)
        return { endpoint: carried.endpoint, isRepeat: carried.decision.kind === 'already so' };
      throw refusalProblem(carried);
    } catch (error) {
      if (!(error instanceof WebhooksContended)) throw error;
      throw new Problem('too_busy', 'Too many others change webhooks just now.', { headers: retryAfter(1) });
    }
  }
}

function refusalProblem({ code, detail, pointer }: Extract<WebhookDecision, { readonly kind: 'refused' }>): Problem {
  if (code !== 'invalid_request') return new Problem(code, detail);
  return requestProblem([{ pointer: pointer ?? '', code: 'invalid_value', detail }]);
}

function unknownAccount(account: string): Problem {
  return new Problem('unknown_account', `There is no account ${account}.`);
}
