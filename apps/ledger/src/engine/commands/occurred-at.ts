import { applyDecorators } from '@nestjs/common';
import { IsInstant, MayBeAbsent } from '@meterbook/http/request/value-decorators';

/** The property `occurredAt` of a command. */
export const OccurredAt = (): PropertyDecorator =>
  applyDecorators(
    MayBeAbsent(),
    IsInstant("When it occurred. Now where it is left out, or the account's last command if that is later."),
  );
