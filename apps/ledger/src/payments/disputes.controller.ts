import { Body, Controller, Param, Post, UseGuards } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Sender } from '@meterbook/http/request/sender';
import type { DisputeAnswer, DisputeLostAnswer, DisputeWonAnswer } from '@meterbook/domain/account/answers';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { Scopes } from '@meterbook/http/auth/access';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { AccountInPath, AccountPath, PlatformInPath } from '@meterbook/http/request/path-parameters';
import type { Written } from '@meterbook/http/request/written';
import { RechargePath, toInstant } from '../engine/commands/request-parts';
import { LoseDispute, WinDispute } from './close-dispute';
import { DisputeRecharge } from './dispute-recharge';
import {
  DisputeBody,
  DisputeDto,
  DisputeLostBody,
  DisputeLostDto,
  DisputeWonBody,
  DisputeWonDto,
  toDispute,
  toLost,
  toWon,
} from './disputes.dto';
import { disputeRechargeExample, loseDisputeExample, winDisputeExample } from './payments.examples';

@ApiTags('payments')
@AccountPath()
@RechargePath()
@UseGuards(KnownPlatform)
@Controller('v1/platforms/:platform/accounts/:account/recharges/:rechargeId/disputes')
export class DisputesController {
  constructor(private readonly commands: CommandBus) {}

  @Post()
  @Scopes('ledger:write')
  @ApiOperation({ summary: 'Freeze what is left of a recharge that its provider disputes' })
  @ApiCreatedResponse({ type: DisputeDto, description: 'It is disputed.' })
  @ApiOkResponse({ type: DisputeDto, description: 'The same dispute was opened before; `Idempotency-Hit: true`.' })
  @Refuses(
    'invalid_amount',
    'unknown_platform',
    'unknown_account',
    'unknown_recharge',
    'idempotency_conflict',
    'no_rulebook',
    'exceeds_recharge',
    'occurred_at_in_future',
    'occurred_at_out_of_order',
  )
  @ShownBy(disputeRechargeExample)
  disputeRecharge(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Param('rechargeId') rechargeId: string,
    @Body() body: DisputeBody,
    @Sender() sender: EventMetadata,
  ): Promise<Written<DisputeAnswer>> {
    const command = { name: { platform, account }, sender, occurredAt: toInstant(body.occurredAt) };
    return this.commands.execute(new DisputeRecharge(command, toDispute(rechargeId, body)));
  }

  @Post(':disputeId/won')
  @Scopes('ledger:write')
  @ApiOperation({ summary: 'Close a dispute that was won: its money thaws' })
  @ApiParam({ name: 'disputeId', description: "The dispute's id.", example: 'dispute-1' })
  @ApiCreatedResponse({ type: DisputeWonDto, description: 'Its money may be spent again.' })
  @ApiOkResponse({ type: DisputeWonDto, description: 'It was closed so before; `Idempotency-Hit: true`.' })
  @Refuses(
    'unknown_platform',
    'unknown_account',
    'unknown_recharge',
    'unknown_dispute',
    'dispute_closed',
    'no_rulebook',
    'occurred_at_in_future',
    'occurred_at_out_of_order',
  )
  @ShownBy(winDisputeExample)
  winDispute(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Param('rechargeId') rechargeId: string,
    @Param('disputeId') disputeId: string,
    @Body() body: DisputeWonBody,
    @Sender() sender: EventMetadata,
  ): Promise<Written<DisputeWonAnswer>> {
    const command = { name: { platform, account }, sender, occurredAt: toInstant(body.occurredAt) };
    return this.commands.execute(new WinDispute(command, toWon({ rechargeId, disputeId }, body)));
  }

  @Post(':disputeId/lost')
  @Scopes('ledger:write')
  @ApiOperation({ summary: 'Close a dispute that was lost: its money is taken back' })
  @ApiParam({ name: 'disputeId', description: "The dispute's id.", example: 'dispute-2' })
  @ApiCreatedResponse({ type: DisputeLostDto, description: 'It was taken back; what nothing covered is owed.' })
  @ApiOkResponse({ type: DisputeLostDto, description: 'It was closed so before; `Idempotency-Hit: true`.' })
  @Refuses(
    'invalid_amount',
    'unknown_platform',
    'unknown_account',
    'unknown_recharge',
    'unknown_dispute',
    'dispute_closed',
    'no_rulebook',
    'occurred_at_in_future',
    'occurred_at_out_of_order',
  )
  @ShownBy(loseDisputeExample)
  loseDispute(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Param('rechargeId') rechargeId: string,
    @Param('disputeId') disputeId: string,
    @Body() body: DisputeLostBody,
    @Sender() sender: EventMetadata,
  ): Promise<Written<DisputeLostAnswer>> {
    const command = { name: { platform, account }, sender, occurredAt: toInstant(body.occurredAt) };
    return this.commands.execute(new LoseDispute(command, toLost({ rechargeId, disputeId }, body)));
  }
}
