import type { EventMetadata } from '@meterbook/books/event-codec';
import { Written } from '@meterbook/http/request/written';
import type { WebhookCommands } from './webhook-commands';
import type { WebhookOwner } from './webhook-owner';
import {
  toChange,
  toPage,
  toRegistration,
  toShownDto,
  toWebhookDto,
  type ChangeWebhookBody,
  type ListWebhooksQuery,
  type RegisteredWebhookDto,
  type RegisterWebhookBody,
  type RotateWebhookBody,
  type WebhookDto,
  type WebhookPageDto,
} from './webhook.dto';

/** Requests about webhooks, whosever they are, as commands, and what became of them as answers. */
export class WebhookAnswers {
  constructor(private readonly webhooks: WebhookCommands) {}

  async register(
    owner: WebhookOwner,
    body: RegisterWebhookBody,
    sender: EventMetadata,
  ): Promise<Written<RegisteredWebhookDto>> {
    const { body: shown, repeated } = await this.webhooks.register(owner, toRegistration(body), sender);
    return new Written(toShownDto(shown), repeated);
  }

  async list(owner: WebhookOwner, query: ListWebhooksQuery): Promise<WebhookPageDto> {
    return toPage(await this.webhooks.list(owner), query);
  }

  async change(
    owner: WebhookOwner,
    webhookId: string,
    body: ChangeWebhookBody,
    sender: EventMetadata,
  ): Promise<WebhookDto> {
    return toWebhookDto(await this.webhooks.change(owner, webhookId, toChange(body), sender));
  }

  remove(owner: WebhookOwner, webhookId: string, sender: EventMetadata): Promise<void> {
    return this.webhooks.remove(owner, webhookId, sender);
  }

  async rotate(
    owner: WebhookOwner,
    webhookId: string,
    { requestId = null }: RotateWebhookBody,
    sender: EventMetadata,
  ): Promise<Written<RegisteredWebhookDto>> {
    const { body: shown, repeated } = await this.webhooks.rotate(owner, webhookId, requestId, sender);
    return new Written(toShownDto(shown), repeated);
  }
}
