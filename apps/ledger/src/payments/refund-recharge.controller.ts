import { Body, Controller, Param, Post, UseGuards } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Sender } from '@meterbook/http/request/sender';
import type { RefundAnswer } from '@meterbook/domain/account/answers';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { Scopes } from '@meterbook/http/auth/access';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { AccountInPath, AccountPath, PlatformInPath } from '@meterbook/http/request/path-parameters';
import type { Written } from '@meterbook/http/request/written';
import { RechargePath, toInstant } from '../engine/commands/request-parts';
import { refundRechargeExample } from './payments.examples';
import { RefundRecharge } from './refund-recharge';
import { RefundBody, RefundDto, toRefund } from './refund-recharge.dto';

@ApiTags('payments')
@AccountPath()
@RechargePath()
@UseGuards(KnownPlatform)
@Controller('v1/platforms/:platform/accounts/:account/recharges/:rechargeId/refund')
export class RefundRechargeController {
  constructor(private readonly commands: CommandBus) {}

  @Post()
  @Scopes('ledger:write')
  @ApiOperation({ summary: 'Pay back what is left of a recharge' })
  @ApiCreatedResponse({ type: RefundDto, description: 'It was taken from the wallet.' })
  @ApiOkResponse({ type: RefundDto, description: 'The same refund was made before; `Idempotency-Hit: true`.' })
  @Refuses(
    'unknown_platform',
    'unknown_account',
    'unknown_recharge',
    'idempotency_conflict',
    'no_rulebook',
    'refund_window_closed',
    'nothing_to_refund',
    'occurred_at_in_future',
    'occurred_at_out_of_order',
  )
  @ShownBy(refundRechargeExample)
  refundRecharge(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Param('rechargeId') rechargeId: string,
    @Body() body: RefundBody,
    @Sender() sender: EventMetadata,
  ): Promise<Written<RefundAnswer>> {
    const command = { name: { platform, account }, sender, occurredAt: toInstant(body.occurredAt) };
    return this.commands.execute(new RefundRecharge(command, toRefund(rechargeId, body)));
  }
}
