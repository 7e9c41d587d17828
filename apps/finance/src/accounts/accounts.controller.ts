import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Scopes } from '@meterbook/http/auth/access';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { pageItems } from '@meterbook/http/request/page-limit';
import { PlatformInPath } from '@meterbook/http/request/path-parameters';
import { accountsCursor, AccountPageDto, AccountsQuery } from './accounts.dto';
import { listAccountsExample } from './accounts.examples';
import { ListAccounts } from './list-accounts';

@ApiTags('finance')
@UseGuards(KnownPlatform)
@Controller('v1/platforms/:platform/accounts')
export class AccountsController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @Scopes('finance:read')
  @ApiOperation({ summary: 'The accounts of a platform by name, with what they have and owe as of now' })
  @ApiOkResponse({ type: AccountPageDto })
  @Refuses('invalid_request', 'unknown_platform')
  @ShownBy(listAccountsExample)
  listAccounts(@PlatformInPath() platform: string, @Query() query: AccountsQuery): Promise<AccountPageDto> {
    const { prefix = '', owing } = query;
    const after = accountsCursor.markOf(query)?.account ?? '';
    return this.queries.execute(
      new ListAccounts({ platform, prefix, owing: owing === 'true', after, limit: pageItems(query) }),
    );
  }
}
