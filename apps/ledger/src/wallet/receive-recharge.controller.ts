import { Body, Controller, Post, UseGuards } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Sender } from '@meterbook/http/request/sender';
import type { RechargeAnswer } from '@meterbook/domain/account/answers';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { Scopes } from '@meterbook/http/auth/access';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { AccountPath, OpenedAccountInPath, PlatformInPath } from '@meterbook/http/request/path-parameters';
import type { Written } from '@meterbook/http/request/written';
import { toInstant } from '../engine/commands/request-parts';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { ReceiveRecharge } from './receive-recharge';
import { RechargeBody, RechargeDto, toRecharge } from './receive-recharge.dto';
import { receiveRechargeExample } from './wallet.examples';

@ApiTags('accounts')
@AccountPath()
@UseGuards(KnownPlatform)
@Controller('v1/platforms/:platform/accounts/:account/recharges')
export class ReceiveRechargeController {
  constructor(private readonly commands: CommandBus) {}

  @Post()
  @Scopes('ledger:write')
  @ApiOperation({ summary: 'Credit a payment to the wallet; the first one opens the account' })
  @ApiCreatedResponse({ type: RechargeDto, description: 'It was credited.' })
  @ApiOkResponse({ type: RechargeDto, description: 'The same payment was credited before; `Idempotency-Hit: true`.' })
  @Refuses(
    'invalid_amount',
    'unknown_platform',
    'idempotency_conflict',
    'no_rulebook',
    'provider_unsupported',
    'currency_unsupported',
    'below_minimum_recharge',
    'occurred_at_in_future',
    'occurred_at_out_of_order',
  )
  @ShownBy(receiveRechargeExample)
  receiveRecharge(
    @PlatformInPath() platform: string,
    @OpenedAccountInPath() account: string,
    @Body() body: RechargeBody,
    @Sender() sender: EventMetadata,
  ): Promise<Written<RechargeAnswer>> {
    const command = { name: { platform, account }, sender, occurredAt: toInstant(body.occurredAt) };
    return this.commands.execute(new ReceiveRecharge(command, toRecharge(body)));
  }
}
