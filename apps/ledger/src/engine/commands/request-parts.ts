import { applyDecorators } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { instantMs } from '@meterbook/domain/time/instant';
import { IsInstant, MayBeAbsent } from '@meterbook/http/request/value-decorators';

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

/** Describes `{rechargeId}` of a path. */
export const RechargePath = (): MethodDecorator & ClassDecorator =>
  ApiParam({ name: 'rechargeId', description: "The recharge's id.", example: 'pay-1001' });
