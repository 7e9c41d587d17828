import { ApiExtraModels, ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import type { AccountView, DisplayedMoney } from '@meterbook/domain/account/view';
import type { Limits } from '@meterbook/domain/account/standing/events';
import { IsInstant, IsText, MayBeAbsent } from '@meterbook/http/request/value-decorators';
import { MAX_CURRENCY_BYTES } from '../engine/commands/request-parts';
import { LimitDto, PoolsDto, RequestLimitDto, SubscriptionDto } from './subscription-view.dto';

/** How an account is to be shown. */
export class DisplayQuery {
  @MayBeAbsent()
  @IsText(MAX_CURRENCY_BYTES, 'Shows the money in this currency too; nothing underneath changes.', { example: 'CNY' })
  readonly display?: string;
}

export class ViewAccountQuery extends DisplayQuery {
  @MayBeAbsent()
  @IsInstant(
    'Shows what had occurred by this instant (business time), and what time alone had changed by then. Not in the future.',
  )
  readonly asOf?: string;

  @MayBeAbsent()
  @IsIn(['occurred'], { message: 'must be occurred' })
  @ApiProperty({
    enum: ['occurred'],
    description: 'Which time `asOf` is on: an account is shown by when things occurred.',
  })
  readonly basis?: 'occurred';
}

export class PriorityDto {
  @ApiProperty({ description: "The tier's priority level; higher goes first.", example: 1 })
  readonly level!: number;

  @ApiProperty({ description: "The level's name.", example: 'low' })
  readonly name!: string;
}

export class LimitsDto implements Limits {
  @ApiProperty({
    description: 'Requests per minute; null is unlimited, absent asks the next source.',
    type: Number,
    nullable: true,
    required: false,
  })
  readonly requestsPerMinute?: number | null;

  @ApiProperty({
    description: 'Requests per UTC day; null is unlimited, absent asks the next source.',
    type: Number,
    nullable: true,
    required: false,
  })
  readonly requestsPerDay?: number | null;
}

export class DisplayedMoneyDto implements DisplayedMoney {
  @ApiProperty({ description: 'The currency asked for.', example: 'CNY' })
  readonly currency!: string;

  @ApiProperty({ description: "Of it per unit of the wallet's currency.", example: '7.3' })
  readonly rate!: string;

  @ApiProperty({ description: 'The wallet in it, half-up to the cent.', example: '730' })
  readonly wallet!: string;

  @ApiProperty({ description: 'What is available in it, half-up to the cent.', example: '730' })
  readonly available!: string;

  @ApiProperty({ description: 'The receivable in it, half-up to the cent.', example: '0' })
  readonly receivable!: string;
}

/** An account as it stands at an instant. */
@ApiExtraModels(LimitDto, RequestLimitDto)
export class AccountDto implements AccountView {
  @ApiProperty({ description: 'The platform.', example: 'apibox' })
  readonly platform!: string;

  @ApiProperty({ description: 'The account, unique on its platform.', example: 'acct-42' })
  readonly account!: string;

  @ApiProperty({
    description:
      'The tier that counts: the highest of what was earned, what was pinned, and what the running plan gives.',
    example: 'vip',
  })
  readonly tier!: string;

  @ApiProperty({ description: "The tier's request priority.", type: PriorityDto })
  readonly priority!: PriorityDto;

  @ApiProperty({ description: 'Currency of the wallet and of every amount here.', example: 'CNY' })
  readonly currency!: string;

  @ApiProperty({ description: 'What the wallet holds; lots that have expired are not in it.', example: '97.2' })
  readonly wallet!: string;

  @ApiProperty({ description: 'What of the wallet open disputes have frozen: it pays for nothing.', example: '0' })
  readonly frozen!: string;

  @ApiProperty({ description: 'What live authorizations hold.', example: '0' })
  readonly held!: string;

  @ApiProperty({
    description:
      'What can be spent now: of the pools, as far as caps and budget go, and of the wallet where it may be drawn.',
    example: '97.2',
  })
  readonly available!: string;

  @ApiProperty({ description: 'Usage that happened and that nothing has covered yet.', example: '0' })
  readonly receivable!: string;

  @ApiProperty({ description: 'Whether the account has turned pay-as-you-go on.' })
  readonly payAsYouGo!: boolean;

  @ApiProperty({ description: 'The credit pools of the running period; empty where there is none.', type: PoolsDto })
  readonly pools!: PoolsDto;

  @ApiProperty({
    description: 'The running subscription; null where there is none.',
    type: SubscriptionDto,
    nullable: true,
  })
  readonly subscription!: SubscriptionDto | null;

  @ApiProperty({
    description: "The account's own multiplier in place of every other; null where it has none.",
    type: String,
    nullable: true,
  })
  readonly customMultiplier!: string | null;

  @ApiProperty({
    description: "The account's own request limits; null where it has none.",
    type: LimitsDto,
    nullable: true,
  })
  readonly limits!: LimitsDto | null;

  @ApiProperty({ description: 'Whether access is refused to it; what occurred is paid for all the same.' })
  readonly suspended!: boolean;

  @ApiProperty({ description: "Revision of its last event in the account's stream, from 0.", example: 3 })
  readonly revision!: number;

  @ApiProperty({
    description: 'Money in the currency that `display` asks for; absent without it.',
    type: DisplayedMoneyDto,
    required: false,
  })
  readonly display?: DisplayedMoneyDto;

  @ApiProperty({
    description: 'The instant that was asked about; absent for now.',
    format: 'date-time',
    required: false,
  })
  readonly asOf?: string;

  @ApiProperty({ description: 'Which time `asOf` is on; absent for now.', enum: ['occurred'], required: false })
  readonly basis?: 'occurred';
}
