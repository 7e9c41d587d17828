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
import { PlatformInPath, PlatformPath } from '@meterbook/http/request/path-parameters';
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
  changePlatformWebhookExample,
  listPlatformWebhooksExample,
  registerPlatformWebhookExample,
  removePlatformWebhookExample,
  rotatePlatformWebhookExample,
} from './webhooks.examples';

@ApiTags('webhooks')
@PlatformPath()
@UseGuards(KnownPlatform)
@Controller('v1/platforms/:platform/webhooks')
export class PlatformWebhooksController {
  constructor(
    private readonly webhooks: WebhookCommands,
    private readonly deliveries: DeliveryQueries,
  ) {}

  @Post()
  @Scopes('admin')
  @ApiOperation({ summary: 'Register a webhook of a platform' })
  @ApiCreatedResponse({ type: RegisteredWebhookDto, description: 'It was registered; its secret is shown this once.' })
  @ApiOkResponse({
    type: WebhookDto,
    description: 'The same webhook was registered before; `Idempotency-Hit: true`, and no secret.',
  })
  @Refuses(
    'unknown_platform',
    'idempotency_conflict',
    'url_not_allowed',
    'invalid_request',
    'invalid_amount',
    'too_busy',
  )
  @ShownBy(registerPlatformWebhookExample)
  async registerPlatformWebhook(
    @PlatformInPath() platform: string,
    @Body() body: RegisterWebhookBody,
    @Sender() sender: EventMetadata,
  ): Promise<Written<RegisteredWebhookDto>> {
    const { body: shown, repeated } = await this.webhooks.register(
      { platform, account: null },
      toRegistration(body),
      sender,
    );
    return new Written(toShownDto(shown), repeated);
  }

  @Get()
  @Scopes('admin')
  @ApiOperation({ summary: 'List the webhooks of a platform' })
  @ApiOkResponse({ type: WebhookPageDto, description: 'A page of webhooks, without secrets.' })
  @Refuses('unknown_platform', 'invalid_request')
  @ShownBy(listPlatformWebhooksExample)
  async listPlatformWebhooks(
    @PlatformInPath() platform: string,
    @Query() query: ListWebhooksQuery,
  ): Promise<WebhookPageDto> {
    return toPage(await this.webhooks.list({ platform, account: null }), query);
  }

  @Patch(':webhookId')
  @Scopes('admin')
  @WebhookPath()
  @ApiOperation({ summary: 'Change a webhook of a platform, or stop or start its deliveries' })
  @ApiOkResponse({ type: WebhookDto, description: 'The webhook as it then is.' })
  @Refuses('unknown_platform', 'unknown_webhook', 'url_not_allowed', 'invalid_request', 'invalid_amount', 'too_busy')
  @ShownBy(changePlatformWebhookExample)
  async changePlatformWebhook(
    @PlatformInPath() platform: string,
    @Param('webhookId') webhookId: string,
    @Body() body: ChangeWebhookBody,
    @Sender() sender: EventMetadata,
  ): Promise<WebhookDto> {
    return toWebhookDto(await this.webhooks.change({ platform, account: null }, webhookId, toChange(body), sender));
  }

  @Delete(':webhookId')
  @HttpCode(204)
  @Scopes('admin')
  @WebhookPath()
  @ApiOperation({ summary: 'Remove a webhook of a platform, for good' })
  @ApiNoContentResponse({ description: 'It is removed, and nothing more is delivered to it.' })
  @Refuses('unknown_platform', 'unknown_webhook', 'too_busy')
  @ShownBy(removePlatformWebhookExample)
  removePlatformWebhook(
    @PlatformInPath() platform: string,
    @Param('webhookId') webhookId: string,
    @Sender() sender: EventMetadata,
  ): Promise<void> {
    return this.webhooks.remove({ platform, account: null }, webhookId, sender);
  }

  @Post(':webhookId/rotate')
  @Scopes('admin')
  @WebhookPath()
  @ApiOperation({ summary: 'Give a webhook of a platform another secret; the one before stays valid for a day' })
  @ApiCreatedResponse({ type: RegisteredWebhookDto, description: 'The new secret is shown this once.' })
  @ApiOkResponse({
    type: WebhookDto,
    description: 'The same rotation was made before; `Idempotency-Hit: true`, and no secret.',
  })
  @Refuses('unknown_platform', 'unknown_webhook', 'invalid_request', 'too_busy')
  @ShownBy(rotatePlatformWebhookExample)
  async rotatePlatformWebhook(
    @PlatformInPath() platform: string,
    @Param('webhookId') webhookId: string,
    @Body() { requestId = null }: RotateWebhookBody,
    @Sender() sender: EventMetadata,
  ): Promise<Written<RegisteredWebhookDto>> {
    const { body: shown, repeated } = await this.webhooks.rotate(
      { platform, account: null },
      webhookId,
      requestId,
      sender,
    );
    return new Written(toShownDto(shown), repeated);
  }

  @Post(':webhookId/test')
  @HttpCode(202)
  @Scopes('admin')
  @WebhookPath()
  @ApiOperation({ summary: 'Send a message of type webhook.test to a webhook of a platform' })
  @ApiAcceptedResponse({ type: AskedDeliveryDto, description: 'It is sent soon, and listed then.' })
  @Refuses('unknown_platform', 'unknown_webhook', 'too_busy')
  testPlatformWebhook(
    @PlatformInPath() platform: string,
    @Param('webhookId') webhookId: string,
  ): Promise<AskedDeliveryDto> {
    return this.deliveries.test({ platform, account: null }, webhookId);
  }

  @Get(':webhookId/deliveries')
  @Scopes('admin')
  @WebhookPath()
  @ApiOperation({ summary: 'List the deliveries to a webhook of a platform' })
  @ApiOkResponse({ type: DeliveryPageDto, description: 'A page of deliveries, the newest first.' })
  @Refuses('unknown_platform', 'unknown_webhook', 'invalid_request')
  listPlatformDeliveries(
    @PlatformInPath() platform: string,
    @Param('webhookId') webhookId: string,
    @Query() query: ListDeliveriesQuery,
  ): Promise<DeliveryPageDto> {
    return this.deliveries.list({ platform, account: null }, webhookId, query);
  }

  @Post(':webhookId/deliveries/:deliveryId/resend')
  @HttpCode(202)
  @Scopes('admin')
  @WebhookPath()
  @DeliveryPath()
  @ApiOperation({ summary: 'Send a delivery to a webhook of a platform once more' })
  @ApiAcceptedResponse({ type: AskedDeliveryDto, description: 'It is sent once more soon, under the same id.' })
  @Refuses('unknown_platform', 'unknown_webhook', 'unknown_delivery', 'too_busy')
  resendPlatformDelivery(
    @PlatformInPath() platform: string,
    @Param('webhookId') webhookId: string,
    @Param('deliveryId') deliveryId: string,
  ): Promise<AskedDeliveryDto> {
    return this.deliveries.resend({ platform, account: null }, webhookId, deliveryId);
  }
}
