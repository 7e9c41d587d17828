import { Body, Controller, Patch, Query, UseGuards } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Sender } from '@meterbook/http/request/sender';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { Scopes } from '@meterbook/http/auth/access';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { AccountInPath, AccountPath, PlatformInPath } from '@meterbook/http/request/path-parameters';
import { toInstant } from '../engine/commands/request-parts';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { AccountDto, DisplayQuery } from './account-view.dto';
import { ChangeSettings } from './change-settings';
import { SettingsBody } from './change-settings.dto';
import { changeSettingsExample } from './accounts.examples';

@ApiTags('accounts')
@AccountPath()
@UseGuards(KnownPlatform)
@Controller('v1/platforms/:platform/accounts/:account')
export class ChangeSettingsController {
  constructor(private readonly commands: CommandBus) {}

  @Patch()
  @Scopes('ledger:write')
  @ApiOperation({ summary: "Change an account's settings, or pin its tier" })
  @ApiOkResponse({ type: AccountDto, description: 'The account as it stands then.' })
  @Refuses(
    'invalid_amount',
    'unknown_platform',
    'unknown_account',
    'unknown_tier',
    'no_rulebook',
    'currency_unsupported',
    'occurred_at_in_future',
    'occurred_at_out_of_order',
  )
  @ShownBy(changeSettingsExample)
  changeSettings(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Body() { occurredAt, ...change }: SettingsBody,
    @Query() { display }: DisplayQuery,
    @Sender() sender: EventMetadata,
  ): Promise<AccountDto> {
    const command = { name: { platform, account }, sender, occurredAt: toInstant(occurredAt) };
    return this.commands.execute(new ChangeSettings(command, change, display));
  }
}
