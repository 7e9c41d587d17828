import { ApiParam } from '@nestjs/swagger';

/** Describes `{webhookId}` of a path. */
export const WebhookPath = (): MethodDecorator & ClassDecorator =>
  ApiParam({ name: 'webhookId', description: "The webhook's id.", example: 'hook-1' });

/** Describes `{deliveryId}` of a path. */
export const DeliveryPath = (): MethodDecorator & ClassDecorator =>
  ApiParam({ name: 'deliveryId', description: 'The id of the delivery.', example: 'msg_3q2TzJ8kQwW0vX1nLr4yAg' });
