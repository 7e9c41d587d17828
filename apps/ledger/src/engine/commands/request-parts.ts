import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { instantMs } from '@meterbook/domain/time/instant';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { principalOf } from '@meterbook/http/auth/principal';
import type { HttpRequest } from '@meterbook/http/http-message';
import { IsInstant, MayBeAbsent } from '@meterbook/http/request/value-decorators';
import { isTraceparent } from '@meterbook/messages/trace-context';

/** Longest names that a request may use, in bytes of UTF-8. */
export const MAX_NAME_BYTES = 256;
export const MAX_REASON_BYTES = 1024;
export const MAX_CURRENCY_BYTES = 12;

/** The property `occurredAt` of a command. */
export const OccurredAt = (): PropertyDecorator =>
  applyDecorators(
    MayBeAbsent(),
    IsInstant("When it occurred. Now where it is left out, or the account's last command if that is later."),
  );

/** An instant of a request in milliseconds since 1970; null where it is left out. */
export function toInstant(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : instantMs(text);
}

/** Describes `{platform}` of a path, of one handler or of all of a controller. */
export const PlatformPath = (): MethodDecorator & ClassDecorator =>
  ApiParam({ name: 'platform', description: 'The platform.', example: 'apibox' });

/** Describes `{platform}` and `{account}` of a path. */
export const AccountPath = (): MethodDecorator & ClassDecorator =>
  applyDecorators(
    PlatformPath(),
    ApiParam({ name: 'account', description: 'The account, unique on its platform.', example: 'acct-42' }),
  );

/** Describes `{rechargeId}` of a path. */
export const RechargePath = (): MethodDecorator & ClassDecorator =>
  ApiParam({ name: 'rechargeId', description: "The recharge's id.", example: 'pay-1001' });

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
