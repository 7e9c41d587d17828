import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { isTraceparent } from '@meterbook/messages/trace-context';
import { principalOf } from '../auth/principal';
import type { HttpRequest } from '../http-message';

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
