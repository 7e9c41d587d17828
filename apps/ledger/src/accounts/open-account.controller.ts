import { Body, Controller, Post, Query, UseGuards } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Sender } from '@meterbook/http/request/sender';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { Scopes } from '@meterbook/http/auth/access';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { PlatformInPath, PlatformPath } from '@meterbook/http/request/path-parameters';
import type { Written } from '@meterbook/http/request/written';
import { toInstant } from '../engine/commands/request-parts';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { AccountDto, DisplayQuery } from './account-view.dto';
import { OpenAccount } from './open-account';
import { OpenAccountBody } from './open-account.dto';
import { openAccountExample } from './accounts.examples';

@ApiTags('accounts')
@PlatformPath()
@UseGuards(KnownPlatform)
@Controller('v1/platforms/:platform/accounts')
export class OpenAccountController {
  constructor(private readonly commands: CommandBus) {}

  @Post()
  @Scopes('ledger:write')
  @ApiOperation({ summary: 'Open an account' })
  @ApiCreatedResponse({
    type: AccountDto,
    description: 'It was opened, with the starter grant where the rulebook gives it by itself.',
  })
  @ApiOkResponse({ type: AccountDto, description: 'It was open already: the account as it stands now.' })
  @Refuses('unknown_platform', 'no_rulebook', 'currency_unsupported', 'occurred_at_in_future')
  @ShownBy(openAccountExample)
  openAccount(
    @PlatformInPath() platform: string,
    @Body() body: OpenAccountBody,
    @Query() { display }: DisplayQuery,
    @Sender() sender: EventMetadata,
  ): Promise<Written<AccountDto>> {
    const name = { platform, account: body.account };
    return this.commands.execute(new OpenAccount({ name, sender, occurredAt: toInstant(body.occurredAt) }, display));
  }
}
