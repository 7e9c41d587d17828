import { applyDecorators } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';

/** Describes `{platform}` of a path, of one handler or of all of a controller. */
export const PlatformPath = (): MethodDecorator & ClassDecorator =>
  ApiParam({ name: 'platform', description: 'The platform.', example: 'apibox' });

/** Describes `{platform}` and `{account}` of a path. */
export const AccountPath = (): MethodDecorator & ClassDecorator =>
  applyDecorators(
    PlatformPath(),
    ApiParam({ name: 'account', description: 'The account, unique on its platform.', example: 'acct-42' }),
  );
