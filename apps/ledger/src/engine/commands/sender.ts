import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { principalOf } from '@meterbook/http/auth/principal';
import type { HttpRequest } from '@meterbook/http/http-message';

/** W3C trace context, level 1: version, trace id, parent id and flags. */
const traceparent = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Who sent a request and what it belongs to, as the metadata of the events it leads to. */
export const Sender = createParamDecorator((_data: unknown, context: ExecutionContext): EventMetadata =>
  senderOf(context.switchToHttp().getRequest<HttpRequest>()),
);

export function senderOf(request: HttpRequest): EventMetadata {
  const trace = request.headers['traceparent'];
  return {
    actor: principalOf(request)?.name ?? 'anonymous',
    request: request.id,
    ...(typeof trace === 'string' && traceparent.test(trace) && { traceparent: trace }),
  };
}
