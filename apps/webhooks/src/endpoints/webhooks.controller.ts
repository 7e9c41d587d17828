import { Body, Controller, Delete, Get, Param, Patch, Post, Query, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { AccountInPath, AccountPath, PlatformInPath } from '@meterbook/http/request/path-parameters';
import { Sender } from '@meterbook/http/request/sender';
import type { Written } from '@meterbook/http/request/written';
import { DeliveryQueries } from '../deliveries/delivery-queries';
import { ListDeliveriesQuery, type AskedDeliveryDto, type DeliveryPageDto } from '../deliveries/delivery.dto';
import { WebhookAnswers } from './webhook-answers';
import { Changes, Lists, ListsDeliveries, Registers, Removes, Resends, Rotates, Tests } from './webhook-routes';
import {
  ChangeWebhookBody,
  ListWebhooksQuery,
  RegisterWebhookBody,
  RotateWebhookBody,
  type RegisteredWebhookDto,
  type WebhookDto,
  type WebhookPageDto,
} from './webhook.dto';

/** The webhooks of an account. */
@ApiTags('webhooks')
@AccountPath()
@UseGuards(KnownPlatform)
@Controller('v1/platforms/:platform/accounts/:account/webhooks')
export class WebhooksController {
  constructor(
    private readonly webhooks: WebhookAnswers,
    private readonly deliveries: DeliveryQueries,
  ) {}

  @Post()
  @Registers('account')
  registerWebhook(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Body() body: RegisterWebhookBody,
    @Sender() sender: EventMetadata,
  ): Promise<Written<RegisteredWebhookDto>> {
    return this.webhooks.register({ platform, account }, body, sender);
  }

  @Get()
  @Lists('account')
  listWebhooks(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Query() query: ListWebhooksQuery,
  ): Promise<WebhookPageDto> {
    return this.webhooks.list({ platform, account }, query);
  }

  @Patch(':webhookId')
  @Changes('account')
  changeWebhook(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Param('webhookId') webhookId: string,
    @Body() body: ChangeWebhookBody,
    @Sender() sender: EventMetadata,
  ): Promise<WebhookDto> {
    return this.webhooks.change({ platform, account }, webhookId, body, sender);
  }

  @Delete(':webhookId')
  @Removes('account')
  removeWebhook(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Param('webhookId') webhookId: string,
    @Sender() sender: EventMetadata,
  ): Promise<void> {
    return this.webhooks.remove({ platform, account }, webhookId, sender);
  }

  @Post(':webhookId/rotate')
  @Rotates('account')
  rotateWebhook(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Param('webhookId') webhookId: string,
    @Body() body: RotateWebhookBody,
    @Sender() sender: EventMetadata,
  ): Promise<Written<RegisteredWebhookDto>> {
    return this.webhooks.rotate({ platform, account }, webhookId, body, sender);
  }

  @Post(':webhookId/test')
  @Tests('account')
  testWebhook(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Param('webhookId') webhookId: string,
  ): Promise<AskedDeliveryDto> {
    return this.deliveries.test({ platform, account }, webhookId);
  }

  @Get(':webhookId/deliveries')
  @ListsDeliveries('account')
  listDeliveries(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Param('webhookId') webhookId: string,
    @Query() query: ListDeliveriesQuery,
  ): Promise<DeliveryPageDto> {
    return this.deliveries.list({ platform, account }, webhookId, query);
  }

  @Post(':webhookId/deliveries/:deliveryId/resend')
  @Resends('account')
  resendDelivery(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Param('webhookId') webhookId: string,
    @Param('deliveryId') deliveryId: string,
  ): Promise<AskedDeliveryDto> {
    return this.deliveries.resend({ platform, account }, webhookId, deliveryId);
  }
}
