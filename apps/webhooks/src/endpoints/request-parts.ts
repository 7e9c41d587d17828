import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { principalOf } from '@meterbook/http/auth/principal';
import type { HttpRequest } from '@meterbook/http/http-message';
import { isTraceparent } from '@meterbook/messages/trace-context';

/** Describes `{platform}` of a path, of one handler or of all of a controller. */
export const PlatformPath = (): MethodDecorator & ClassDecorator =>
  ApiParam({ name: 'platform', description: 'The platform.', example: 'apibox' });

/** Describes `{platform}` and `{account}` of a path. */
export const AccountPath = (): MethodDecorator & ClassDecorator =>
  applyDecorators(
    PlatformPath(),
    ApiParam({ name: 'account', description: 'The account, unique on its platform.', example: 'acct-42' }),
  );

/** Describes `{webhookId}` of a path. */
export const WebhookPath = (): MethodDecorator & ClassDecorator =>
  ApiParam({ name: 'webhookId', description: "The webhook's id.", example: 'hook-1' });

/** Describes `{deliveryId}` of a path. */
export const DeliveryPath = (): MethodDecorator & ClassDecorator =>
  ApiParam({ name: 'deliveryId', description: 'The id of the delivery.', example: 'msg_3q2TzJ8kQwW0vX1nLr4yAg' });

/** Who sent a request and what it belongs to, as the metadata of the events it leads to. */
export const Sender = createParamDecorator((_data: unknown, context: ExecutionContext): EventMetadata => {
  const request = context.switchToHttp().getRequest<HttpRequest>();
  const trace = request.headers['traceparent'];
  return {
    actor: principalOf(request)?.name ?? 'anonymous',
    request: request.id,
    ...(isTraceparent(trace) && { traceparent: trace }),
  };
});
