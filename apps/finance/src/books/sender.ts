import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { principalOf } from '@meterbook/http/auth/principal';
import type { HttpRequest } from '@meterbook/http/http-message';
import { isTraceparent } from '@meterbook/messages/trace-context';

/** Who sent a request and what it belongs to, as the metadata of what finance writes down because of it. */
export const Sender = createParamDecorator((_data: unknown, context: ExecutionContext): EventMetadata => {
  const request = context.switchToHttp().getRequest<HttpRequest>();
  const trace = request.headers['traceparent'];
  return {
    actor: principalOf(request)?.name ?? 'anonymous',
    request: request.id,
    ...(isTraceparent(trace) && { traceparent: trace }),
  };
});
