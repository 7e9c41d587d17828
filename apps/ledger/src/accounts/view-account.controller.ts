import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Scopes } from '@meterbook/http/auth/access';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { AccountInPath, AccountPath, PlatformInPath } from '@meterbook/http/request/path-parameters';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { AccountDto, ViewAccountQuery } from './account-view.dto';
import { ViewAccount } from './view-account';
import { viewAccountExample } from './accounts.examples';

@ApiTags('accounts')
@AccountPath()
@UseGuards(KnownPlatform)
@Controller('v1/platforms/:platform/accounts/:account')
export class ViewAccountController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @Scopes('ledger:read')
  @ApiOperation({ summary: 'Show an account now, or as of a past instant' })
  @ApiOkResponse({ type: AccountDto, description: 'The account; before its opening it is unknown.' })
  @Refuses('invalid_request', 'unknown_platform', 'unknown_account', 'currency_unsupported', 'no_rulebook')
  @ShownBy(viewAccountExample)
  viewAccount(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Query() how: ViewAccountQuery,
  ): Promise<AccountDto> {
    return this.queries.execute(new ViewAccount({ platform, account }, how));
  }
}
