import { Body, Controller, Delete, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { Sender } from '@meterbook/http/request/sender';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { Scopes } from '@meterbook/http/auth/access';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { AccountInPath, AccountPath, PlatformInPath } from '@meterbook/http/request/path-parameters';
import type { Written } from '@meterbook/http/request/written';
import { authorizeRequestExample, releaseAuthorizationExample } from './authorizations.examples';
import { AuthorizationBody, AuthorizationDto, toAccessRequest } from './authorizations.dto';
import { AuthorizeRequest } from './authorize-request';
import { ReleaseAuthorization } from './release-authorization';

@ApiTags('access')
@AccountPath()
@UseGuards(KnownPlatform)
@Controller('v1/platforms/:platform/accounts/:account/authorizations')
export class AuthorizationsController {
  constructor(private readonly commands: CommandBus) {}

  @Post()
  @Scopes('access:write')
  @ApiOperation({ summary: 'Ask whether a request may be served, and set its estimate aside' })
  @ApiCreatedResponse({
    type: AuthorizationDto,
    description: 'It may be served; `X-Request-Priority` says how urgent it is.',
  })
  @ApiOkResponse({
    type: AuthorizationDto,
    description: 'The same was asked and held before; `Idempotency-Hit: true`.',
  })
  @Refuses(
    'unknown_platform',
    'unknown_account',
    'idempotency_conflict',
    'no_rulebook',
    'account_suspended',
    'invalid_api_key',
    'unknown_model',
    'unknown_group',
    'unknown_channel',
    'unknown_unit',
    'missing_units',
    'model_tier_restricted',
    'model_not_in_group',
    'model_not_in_plan',
    'rate_limited',
    'daily_limit',
    'insufficient_credits',
  )
  @ShownBy(authorizeRequestExample)
  authorizeRequest(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Body() body: AuthorizationBody,
    @Sender() sender: EventMetadata,
  ): Promise<Written<AuthorizationDto>> {
    const name = { platform, account };
    return this.commands.execute(new AuthorizeRequest(name, sender, toAccessRequest(name, body)));
  }

  @Delete(':authorizationId')
  @HttpCode(204)
  @Scopes('access:write')
  @ApiOperation({ summary: 'Give back what was set aside for a request that is not served' })
  @ApiParam({ name: 'authorizationId', description: 'The authorization.', example: 'auth_0_lk3m2p1a_3fKx0aPq1Zs' })
  @ApiNoContentResponse({ description: 'Nothing is set aside for it any more.' })
  @Refuses('unknown_platform', 'unknown_account', 'unknown_authorization')
  @ShownBy(releaseAuthorizationExample)
  releaseAuthorization(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Param('authorizationId') authorizationId: string,
    @Sender() sender: EventMetadata,
  ): Promise<undefined> {
    return this.commands.execute(new ReleaseAuthorization({ platform, account }, sender, authorizationId));
  }
}
