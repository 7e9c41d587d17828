import { Body, Controller, Delete, Get, Post, Query, UseGuards } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Sender } from '@meterbook/http/request/sender';
import type { CancelAnswer, PeriodAnswer, SwitchAnswer } from '@meterbook/domain/account/subscription/answers';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { Scopes } from '@meterbook/http/auth/access';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { AccountInPath, AccountPath, PlatformInPath } from '@meterbook/http/request/path-parameters';
import type { Written } from '@meterbook/http/request/written';
import { toInstant } from '../engine/commands/request-parts';
import { CancelSubscription } from './cancel-subscription';
import { QuoteSwitch } from './quote-switch';
import { RenewSubscription } from './renew-subscription';
import { StartSubscription } from './start-subscription';
import {
  CancelledDto,
  CancelQuery,
  PeriodDto,
  RenewalBody,
  StartBody,
  SwitchBody,
  SwitchDto,
  SwitchQuoteQuery,
  toRenewal,
  toStart,
  toSwitch,
} from './subscription.dto';
import {
  cancelSubscriptionExample,
  quoteSwitchExample,
  renewSubscriptionExample,
  startSubscriptionExample,
  switchPlanExample,
} from './subscription.examples';
import { SwitchPlan } from './switch-plan';

const refusedToEveryPayment = [
  'unknown_platform',
  'unknown_account',
  'idempotency_conflict',
  'no_rulebook',
  'provider_unsupported',
  'unknown_plan',
  'occurred_at_in_future',
  'occurred_at_out_of_order',
] as const;

@ApiTags('subscriptions')
@AccountPath()
@UseGuards(KnownPlatform)
@Controller('v1/platforms/:platform/accounts/:account/subscription')
export class SubscriptionController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post()
  @Scopes('ledger:write')
  @ApiOperation({ summary: 'Start a plan that was paid' })
  @ApiCreatedResponse({ type: PeriodDto, description: 'It runs.' })
  @ApiOkResponse({ type: PeriodDto, description: 'The same payment started it before; `Idempotency-Hit: true`.' })
  @Refuses(...refusedToEveryPayment, 'subscription_active')
  @ShownBy(startSubscriptionExample)
  startSubscription(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Body() body: StartBody,
    @Sender() sender: EventMetadata,
  ): Promise<Written<PeriodAnswer>> {
    const command = { name: { platform, account }, sender, occurredAt: toInstant(body.occurredAt) };
    return this.commands.execute(new StartSubscription(command, toStart(body)));
  }

  @Post('renewals')
  @Scopes('ledger:write')
  @ApiOperation({ summary: 'Take in the payment of the next period' })
  @ApiCreatedResponse({ type: PeriodDto, description: 'It is paid; it begins when the one before ends.' })
  @ApiOkResponse({ type: PeriodDto, description: 'The same payment was taken in before; `Idempotency-Hit: true`.' })
  @Refuses(...refusedToEveryPayment, 'no_subscription', 'not_renewable')
  @ShownBy(renewSubscriptionExample)
  renewSubscription(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Body() body: RenewalBody,
    @Sender() sender: EventMetadata,
  ): Promise<Written<PeriodAnswer>> {
    const command = { name: { platform, account }, sender, occurredAt: toInstant(body.occurredAt) };
    return this.commands.execute(new RenewSubscription(command, toRenewal(body)));
  }

  @Get('switch-quote')
  @Scopes('ledger:read')
  @ApiOperation({ summary: 'Show what a switch to another plan would credit' })
  @ApiOkResponse({ type: SwitchDto, description: 'What the switch would do at that instant.' })
  @Refuses(
    'invalid_request',
    'unknown_platform',
    'unknown_account',
    'no_subscription',
    'same_plan',
    'unknown_plan',
    'no_rulebook',
  )
  @ShownBy(quoteSwitchExample)
  quoteSwitch(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Query() how: SwitchQuoteQuery,
  ): Promise<SwitchAnswer> {
    return this.queries.execute(new QuoteSwitch({ platform, account }, how));
  }

  @Post('switch')
  @Scopes('ledger:write')
  @ApiOperation({ summary: 'Switch to another plan, which was paid' })
  @ApiCreatedResponse({ type: SwitchDto, description: 'It runs; what the old one credits is in the wallet.' })
  @ApiOkResponse({ type: SwitchDto, description: 'The same payment switched before; `Idempotency-Hit: true`.' })
  @Refuses(...refusedToEveryPayment, 'no_subscription', 'same_plan')
  @ShownBy(switchPlanExample)
  switchPlan(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Body() body: SwitchBody,
    @Sender() sender: EventMetadata,
  ): Promise<Written<SwitchAnswer>> {
    const command = { name: { platform, account }, sender, occurredAt: toInstant(body.occurredAt) };
    return this.commands.execute(new SwitchPlan(command, toSwitch(body)));
  }

  @Delete()
  @Scopes('ledger:write')
  @ApiOperation({ summary: 'Renew a subscription no more' })
  @ApiOkResponse({ type: CancelledDto, description: 'It ends with what is paid, now or since before.' })
  @Refuses(
    'invalid_request',
    'unknown_platform',
    'unknown_account',
    'no_subscription',
    'occurred_at_in_future',
    'occurred_at_out_of_order',
  )
  @ShownBy(cancelSubscriptionExample)
  cancelSubscription(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Query() { occurredAt }: CancelQuery,
    @Sender() sender: EventMetadata,
  ): Promise<CancelAnswer> {
    const command = { name: { platform, account }, sender, occurredAt: toInstant(occurredAt) };
    return this.commands.execute(new CancelSubscription(command));
  }
}
