import { Body, Controller, Post, UseGuards } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Sender } from '@meterbook/http/request/sender';
import type { WriteOffAnswer } from '@meterbook/domain/account/answers';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { Scopes } from '@meterbook/http/auth/access';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { AccountInPath, AccountPath, PlatformInPath } from '@meterbook/http/request/path-parameters';
import type { Written } from '@meterbook/http/request/written';
import { toInstant } from '../engine/commands/request-parts';
import { writeOffReceivableExample } from './payments.examples';
import { WriteOffReceivable } from './write-off-receivable';
import { toWriteOff, WriteOffBody, WriteOffDto } from './write-off-receivable.dto';

@ApiTags('payments')
@AccountPath()
@UseGuards(KnownPlatform)
@Controller('v1/platforms/:platform/accounts/:account/write-offs')
export class WriteOffReceivableController {
  constructor(private readonly commands: CommandBus) {}

  @Post()
  @Scopes('ledger:write')
  @ApiOperation({ summary: 'Give up a part of what an account owes' })
  @ApiCreatedResponse({ type: WriteOffDto, description: 'It is not owed any more.' })
  @ApiOkResponse({ type: WriteOffDto, description: 'The same was written off before; `Idempotency-Hit: true`.' })
  @Refuses(
    'invalid_amount',
    'unknown_platform',
    'unknown_account',
    'idempotency_conflict',
    'no_rulebook',
    'exceeds_receivable',
    'occurred_at_in_future',
    'occurred_at_out_of_order',
  )
  @ShownBy(writeOffReceivableExample)
  writeOffReceivable(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Body() body: WriteOffBody,
    @Sender() sender: EventMetadata,
  ): Promise<Written<WriteOffAnswer>> {
    const command = { name: { platform, account }, sender, occurredAt: toInstant(body.occurredAt) };
    return this.commands.execute(new WriteOffReceivable(command, toWriteOff(body)));
  }
}
