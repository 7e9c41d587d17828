import { Body, Controller, Delete, Get, Param, Patch, Post, Query, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { PlatformInPath, PlatformPath } from '@meterbook/http/request/path-parameters';
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

/** A platform's own webhooks. */
@ApiTags('webhooks')
@PlatformPath()
@UseGuards(KnownPlatform)
@Controller('v1/platforms/:platform/webhooks')
export class PlatformWebhooksController {
  constructor(
    private readonly webhooks: WebhookAnswers,
    private readonly deliveries: DeliveryQueries,
  ) {}

  @Post()
  @Registers('platform')
  registerPlatformWebhook(
    @PlatformInPath() platform: string,
    @Body() body: RegisterWebhookBody,
    @Sender() sender: EventMetadata,
  ): Promise<Written<RegisteredWebhookDto>> {
    return this.webhooks.register({ platform, account: null }, body, sender);
  }

  @Get()
  @Lists('platform')
  listPlatformWebhooks(@PlatformInPath() platform: string, @Query() query: ListWebhooksQuery): Promise<WebhookPageDto> {
    return this.webhooks.list({ platform, account: null }, query);
  }

  @Patch(':webhookId')
  @Changes('platform')
  changePlatformWebhook(
    @PlatformInPath() platform: string,
    @Param('webhookId') webhookId: string,
    @Body() body: ChangeWebhookBody,
    @Sender() sender: EventMetadata,
  ): Promise<WebhookDto> {
    return this.webhooks.change({ platform, account: null }, webhookId, body, sender);
  }

  @Delete(':webhookId')
  @Removes('platform')
  removePlatformWebhook(
    @PlatformInPath() platform: string,
    @Param('webhookId') webhookId: string,
    @Sender() sender: EventMetadata,
  ): Promise<void> {
    return this.webhooks.remove({ platform, account: null }, webhookId, sender);
  }

  @Post(':webhookId/rotate')
  @Rotates('platform')
  rotatePlatformWebhook(
    @PlatformInPath() platform: string,
    @Param('webhookId') webhookId: string,
    @Body() body: RotateWebhookBody,
    @Sender() sender: EventMetadata,
  ): Promise<Written<RegisteredWebhookDto>> {
    return this.webhooks.rotate({ platform, account: null }, webhookId, body, sender);
  }

  @Post(':webhookId/test')
  @Tests('platform')
  testPlatformWebhook(
    @PlatformInPath() platform: string,
    @Param('webhookId') webhookId: string,
  ): Promise<AskedDeliveryDto> {
    return this.deliveries.test({ platform, account: null }, webhookId);
  }

  @Get(':webhookId/deliveries')
  @ListsDeliveries('platform')
  listPlatformDeliveries(
    @PlatformInPath() platform: string,
    @Param('webhookId') webhookId: string,
    @Query() query: ListDeliveriesQuery,
  ): Promise<DeliveryPageDto> {
    return this.deliveries.list({ platform, account: null }, webhookId, query);
  }

  @Post(':webhookId/deliveries/:deliveryId/resend')
  @Resends('platform')
  resendPlatformDelivery(
    @PlatformInPath() platform: string,
    @Param('webhookId') webhookId: string,
    @Param('deliveryId') deliveryId: string,
  ): Promise<AskedDeliveryDto> {
    return this.deliveries.resend({ platform, account: null }, webhookId, deliveryId);
  }
}
