import { Body, Controller, Post, UseGuards } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Sender } from '@meterbook/http/request/sender';
import type { GrantAnswer } from '@meterbook/domain/account/answers';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { Scopes } from '@meterbook/http/auth/access';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { AccountInPath, AccountPath, PlatformInPath } from '@meterbook/http/request/path-parameters';
import type { Written } from '@meterbook/http/request/written';
import { toInstant } from '../engine/commands/request-parts';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { GrantCredit } from './grant-credit';
import { GrantBody, GrantDto, toGrant } from './grant-credit.dto';
import { grantCreditExample } from './wallet.examples';

@ApiTags('accounts')
@AccountPath()
@UseGuards(KnownPlatform)
@Controller('v1/platforms/:platform/accounts/:account/grants')
export class GrantCreditController {
  constructor(private readonly commands: CommandBus) {}

  @Post()
  @Scopes('ledger:write')
  @ApiOperation({ summary: 'Give credit to an account, or claim its starter grant' })
  @ApiCreatedResponse({ type: GrantDto, description: 'It was given.' })
  @ApiOkResponse({ type: GrantDto, description: 'The same grant was given before; `Idempotency-Hit: true`.' })
  @Refuses(
    'invalid_amount',
    'unknown_platform',
    'unknown_account',
    'idempotency_conflict',
    'already_claimed',
    'no_rulebook',
    'occurred_at_in_future',
    'occurred_at_out_of_order',
  )
  @ShownBy(grantCreditExample)
  grantCredit(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Body() body: GrantBody,
    @Sender() sender: EventMetadata,
  ): Promise<Written<GrantAnswer>> {
    const command = { name: { platform, account }, sender, occurredAt: toInstant(body.occurredAt) };
    return this.commands.execute(new GrantCredit(command, toGrant(body)));
  }
}
