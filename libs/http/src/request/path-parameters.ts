import { applyDecorators, Param, type PipeTransform } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { Problem } from '../problem/problem';
import { requestProblem } from './read-request';
import { accountId, platformId, type ValueCheck } from '@meterbook/messages/reading/value-check';

const checkedBy = (check: ValueCheck, refuse: (detail: string) => Problem): PipeTransform => ({
  transform: (value: unknown) => {
    const fault = check(value);
    if (fault) throw refuse(fault.detail);
    return value;
  },
});

const noPlatform = checkedBy(platformId, () => new Problem('unknown_platform', 'No platform can have this id.'));
const noAccount = checkedBy(accountId, () => new Problem('unknown_account', 'No account can have this id.'));
const badAccount = checkedBy(accountId, (detail) =>
  requestProblem([{ pointer: '/account', code: 'invalid_value', detail }]),
);

/** `{platform}` of the path. An id that no platform can have is an unknown platform (404). */
export const PlatformInPath = (): ParameterDecorator => Param('platform', noPlatform);

/** `{account}` of the path. An id that no account can have is an unknown account (404). */
export const AccountInPath = (): ParameterDecorator => Param('account', noAccount);

/** `{account}` of a path whose command opens the account if need be: an id that none can have is then a bad request (422). */
export const OpenedAccountInPath = (): ParameterDecorator => Param('account', badAccount);

/** Describes `{platform}` of a path, of one handler or of all of a controller. */
export const PlatformPath = (): MethodDecorator & ClassDecorator =>
  ApiParam({ name: 'platform', description: 'The platform.', example: 'apibox' });

/** Describes `{platform}` and `{account}` of a path. */
export const AccountPath = (): MethodDecorator & ClassDecorator =>
  applyDecorators(
    PlatformPath(),
    ApiParam({ name: 'account', description: 'The account, unique on its platform.', example: 'acct-42' }),
  );
