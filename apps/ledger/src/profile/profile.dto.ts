import { ApiExtraModels, ApiProperty } from '@nestjs/swagger';
import type { Profile } from '@meterbook/domain/access/profile';
import { PriorityDto } from '../accounts/account-view.dto';
import { LimitDto, PoolsDto, RequestLimitDto, SubscriptionDto } from '../accounts/subscription-view.dto';

export class EffectiveLimitsDto {
  @ApiProperty({
    description: 'The most requests in any 60 seconds; null is unlimited.',
    type: Number,
    nullable: true,
    example: 60,
  })
  readonly requestsPerMinute!: number | null;

  @ApiProperty({ description: 'The most requests of a UTC day; null is unlimited.', type: Number, nullable: true })
  readonly requestsPerDay!: number | null;
}

/** What whoever holds an API key may know of its account. */
@ApiExtraModels(LimitDto, RequestLimitDto)
export class ProfileDto implements Profile {
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

  @ApiProperty({
    description:
      "The limits of requests with this key: the account's own, else its group's, else the plan's, else the tier's.",
    type: EffectiveLimitsDto,
  })
  readonly limits!: EffectiveLimitsDto;

  @ApiProperty({
    description: 'The group of the key; null leaves it to each request and its model.',
    type: String,
    nullable: true,
    example: 'default',
  })
  readonly group!: string | null;

  @ApiProperty({ description: 'Whether the tier may register webhooks.' })
  readonly webhooks!: boolean;

  @ApiProperty({ description: 'Currency of the wallet and of every amount here.', example: 'CNY' })
  readonly currency!: string;

  @ApiProperty({ description: 'What the wallet holds; lots that have expired are not in it.', example: '97.2' })
  readonly wallet!: string;

  @ApiProperty({
    description:
      'What can be spent now: of the pools, as far as caps and budget go, and of the wallet where it may be drawn.',
    example: '97.2',
  })
  readonly available!: string;

  @ApiProperty({ description: 'The credit pools of the running period; empty where there is none.', type: PoolsDto })
  readonly pools!: PoolsDto;

  @ApiProperty({
    description: 'The running subscription; null where there is none.',
    type: SubscriptionDto,
    nullable: true,
  })
  readonly subscription!: SubscriptionDto | null;
}
