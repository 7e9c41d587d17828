import { Body, Controller, Post, UseGuards } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Sender } from '@meterbook/http/request/sender';
import type { ReversalAnswer } from '@meterbook/domain/account/answers';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { Scopes } from '@meterbook/http/auth/access';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { AccountInPath, AccountPath, PlatformInPath } from '@meterbook/http/request/path-parameters';
import type { Written } from '@meterbook/http/request/written';
import { toInstant } from '../engine/commands/request-parts';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { ReverseCharge } from './reverse-charge';
import { ReversalBody, ReversalDto, toReversal } from './reverse-charge.dto';
import { reverseChargeExample } from './charges.examples';

@ApiTags('charges')
@AccountPath()
@UseGuards(KnownPlatform)
@Controller('v1/platforms/:platform/accounts/:account/charges/reversals')
export class ReverseChargeController {
  constructor(private readonly commands: CommandBus) {}

  @Post()
  @Scopes('ledger:write')
  @ApiOperation({ summary: 'Undo one charge' })
  @ApiCreatedResponse({ type: ReversalDto, description: 'It was undone.' })
  @ApiOkResponse({ type: ReversalDto, description: 'The same reversal was done before; `Idempotency-Hit: true`.' })
  @Refuses(
    'unknown_platform',
    'unknown_account',
    'unknown_charge',
    'idempotency_conflict',
    'already_reversed',
    'occurred_at_in_future',
    'occurred_at_out_of_order',
  )
  @ShownBy(reverseChargeExample)
  reverseCharge(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Body() body: ReversalBody,
    @Sender() sender: EventMetadata,
  ): Promise<Written<ReversalAnswer>> {
    const command = { name: { platform, account }, sender, occurredAt: toInstant(body.occurredAt) };
    return this.commands.execute(new ReverseCharge(command, toReversal(body)));
  }
}
