import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, UseGuards } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { Sender } from '@meterbook/http/request/sender';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { Scopes } from '@meterbook/http/auth/access';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { AccountInPath, AccountPath, PlatformInPath } from '@meterbook/http/request/path-parameters';
import { Written } from '@meterbook/http/request/written';
import { DeliveryQueries } from '../deliveries/delivery-queries';
import { AskedDeliveryDto, DeliveryPageDto, ListDeliveriesQuery } from '../deliveries/delivery.dto';
import { DeliveryPath, WebhookPath } from './request-parts';
import { WebhookCommands } from './webhook-commands';
import {
  ChangeWebhookBody,
  ListWebhooksQuery,
  RegisteredWebhookDto,
  RegisterWebhookBody,
  RotateWebhookBody,
  toChange,
  toPage,
  toRegistration,
  toShownDto,
  toWebhookDto,
  WebhookDto,
  WebhookPageDto,
} from './webhook.dto';
import {
  changeWebhookExample,
  listWebhooksExample,
  registerWebhookExample,
  removeWebhookExample,
  rotateWebhookExample,
} from './webhooks.examples';

@ApiTags('webhooks')
@AccountPath()
@UseGuards(KnownPlatform)
@Controller('v1/platforms/:platform/accounts/:account/webhooks')
export class WebhooksController {
  constructor(
    private readonly webhooks: WebhookCommands,
    private readonly deliveries: DeliveryQueries,
  ) {}

  @Post()
  @Scopes('ledger:write')
  @ApiOperation({ summary: 'Register a webhook of an account' })
  @ApiCreatedResponse({ type: RegisteredWebhookDto, description: 'It was registered; its secret is shown this once.' })
  @ApiOkResponse({
    type: WebhookDto,
    description: 'The same webhook was registered before; `Idempotency-Hit: true`, and no secret.',
  })
  @Refuses(
    'unknown_platform',
    'unknown_account',
    'idempotency_conflict',
    'webhooks_not_in_tier',
    'url_not_allowed',
    'invalid_request',
    'invalid_amount',
    'too_busy',
  )
  @ShownBy(registerWebhookExample)
  async registerWebhook(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Body() body: RegisterWebhookBody,
    @Sender() sender: EventMetadata,
  ): Promise<Written<RegisteredWebhookDto>> {
    const { body: shown, repeated } = await this.webhooks.register({ platform, account }, toRegistration(body), sender);
    return new Written(toShownDto(shown), repeated);
  }

  @Get()
  @Scopes('ledger:write')
  @ApiOperation({ summary: 'List the webhooks of an account' })
  @ApiOkResponse({ type: WebhookPageDto, description: 'A page of webhooks, without secrets.' })
  @Refuses('unknown_platform', 'unknown_account', 'invalid_request')
  @ShownBy(listWebhooksExample)
  async listWebhooks(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Query() query: ListWebhooksQuery,
  ): Promise<WebhookPageDto> {
    return toPage(await this.webhooks.list({ platform, account }), query);
  }

  @Patch(':webhookId')
  @Scopes('ledger:write')
  @WebhookPath()
  @ApiOperation({ summary: 'Change a webhook of an account, or stop or start its deliveries' })
  @ApiOkResponse({ type: WebhookDto, description: 'The webhook as it then is.' })
  @Refuses(
    'unknown_platform',
    'unknown_account',
    'unknown_webhook',
    'url_not_allowed',
    'invalid_request',
    'invalid_amount',
    'too_busy',
  )
  @ShownBy(changeWebhookExample)
  async changeWebhook(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Param('webhookId') webhookId: string,
    @Body() body: ChangeWebhookBody,
    @Sender() sender: EventMetadata,
  ): Promise<WebhookDto> {
    return toWebhookDto(await this.webhooks.change({ platform, account }, webhookId, toChange(body), sender));
  }

  @Delete(':webhookId')
  @HttpCode(204)
  @Scopes('ledger:write')
  @WebhookPath()
  @ApiOperation({ summary: 'Remove a webhook of an account, for good' })
  @ApiNoContentResponse({ description: 'It is removed, and nothing more is delivered to it.' })
  @Refuses('unknown_platform', 'unknown_account', 'unknown_webhook', 'too_busy')
  @ShownBy(removeWebhookExample)
  removeWebhook(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Param('webhookId') webhookId: string,
    @Sender() sender: EventMetadata,
  ): Promise<void> {
    return this.webhooks.remove({ platform, account }, webhookId, sender);
  }

  @Post(':webhookId/rotate')
  @Scopes('ledger:write')
  @WebhookPath()
  @ApiOperation({ summary: 'Give a webhook of an account another secret; the one before stays valid for a day' })
  @ApiCreatedResponse({ type: RegisteredWebhookDto, description: 'The new secret is shown this once.' })
  @ApiOkResponse({
    type: WebhookDto,
    description: 'The same rotation was made before; `Idempotency-Hit: true`, and no secret.',
  })
  @Refuses('unknown_platform', 'unknown_account', 'unknown_webhook', 'invalid_request', 'too_busy')
  @ShownBy(rotateWebhookExample)
  async rotateWebhook(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Param('webhookId') webhookId: string,
    @Body() { requestId = null }: RotateWebhookBody,
    @Sender() sender: EventMetadata,
  ): Promise<Written<RegisteredWebhookDto>> {
    const { body: shown, repeated } = await this.webhooks.rotate({ platform, account }, webhookId, requestId, sender);
    return new Written(toShownDto(shown), repeated);
  }

  @Post(':webhookId/test')
  @HttpCode(202)
  @Scopes('ledger:write')
  @WebhookPath()
  @ApiOperation({ summary: 'Send a message of type webhook.test to a webhook of an account' })
  @ApiAcceptedResponse({ type: AskedDeliveryDto, description: 'It is sent soon, and listed then.' })
  @Refuses('unknown_platform', 'unknown_account', 'unknown_webhook', 'webhooks_not_in_tier', 'too_busy')
  testWebhook(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Param('webhookId') webhookId: string,
  ): Promise<AskedDeliveryDto> {
    return this.deliveries.test({ platform, account }, webhookId);
  }

  @Get(':webhookId/deliveries')
  @Scopes('ledger:write')
  @WebhookPath()
  @ApiOperation({ summary: 'List the deliveries to a webhook of an account' })
  @ApiOkResponse({ type: DeliveryPageDto, description: 'A page of deliveries, the newest first.' })
  @Refuses('unknown_platform', 'unknown_account', 'unknown_webhook', 'invalid_request')
  listDeliveries(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Param('webhookId') webhookId: string,
    @Query() query: ListDeliveriesQuery,
  ): Promise<DeliveryPageDto> {
    return this.deliveries.list({ platform, account }, webhookId, query);
  }

  @Post(':webhookId/deliveries/:deliveryId/resend')
  @HttpCode(202)
  @Scopes('ledger:write')
  @WebhookPath()
  @DeliveryPath()
  @ApiOperation({ summary: 'Send a delivery to a webhook of an account once more' })
  @ApiAcceptedResponse({ type: AskedDeliveryDto, description: 'It is sent once more soon, under the same id.' })
  @Refuses(
    'unknown_platform',
    'unknown_account',
    'unknown_webhook',
    'unknown_delivery',
    'webhooks_not_in_tier',
    'too_busy',
  )
  resendDelivery(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Param('webhookId') webhookId: string,
    @Param('deliveryId') deliveryId: string,
  ): Promise<AskedDeliveryDto> {
    return this.deliveries.resend({ platform, account }, webhookId, deliveryId);
  }
}
