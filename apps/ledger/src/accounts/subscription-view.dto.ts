import { ApiProperty, getSchemaPath } from '@nestjs/swagger';
import type {
  LimitView,
  PoolsView,
  PoolView,
  RequestLimitView,
  SubscriptionView,
} from '@meterbook/domain/account/subscription/view';

export class PoolDto implements PoolView {
  @ApiProperty({ description: 'Credits that it had when the running period began.', example: '1200' })
  readonly granted!: string;

  @ApiProperty({ description: 'Credits used of them.', example: '40' })
  readonly used!: string;

  @ApiProperty({ description: 'Credits left.', example: '1160' })
  readonly remaining!: string;
}

export class PoolsDto implements PoolsView {
  @ApiProperty({ description: 'The main pool.', type: PoolDto })
  readonly main!: PoolDto;

  @ApiProperty({ description: 'The backup pool.', type: PoolDto })
  readonly backup!: PoolDto;
}

export class LimitDto implements LimitView {
  @ApiProperty({ description: 'The most.', example: '100' })
  readonly limit!: string;

  @ApiProperty({ description: 'What of it is used.', example: '40' })
  readonly used!: string;
}

export class RequestLimitDto implements RequestLimitView {
  @ApiProperty({ description: 'The most requests.', example: 1000 })
  readonly limit!: number;

  @ApiProperty({
    description: 'Always null: requests are counted where access is asked for.',
    type: Number,
    nullable: true,
  })
  readonly used!: null;
}

export class CapsDto {
  @ApiProperty({
    description: 'Of the UTC day, in credits or in requests; null without one.',
    oneOf: [{ $ref: getSchemaPath(LimitDto) }, { $ref: getSchemaPath(RequestLimitDto) }, { type: 'null' }],
  })
  readonly daily!: LimitDto | RequestLimitDto | null;

  @ApiProperty({ description: 'Of the ISO week, in credits; null without one.', type: LimitDto, nullable: true })
  readonly weekly!: LimitDto | null;
}

/** The subscription that runs at an instant. */
export class SubscriptionDto implements SubscriptionView {
  @ApiProperty({ description: 'Its plan.', example: 'starter' })
  readonly plan!: string;

  @ApiProperty({ description: 'Whether it can be renewed.', enum: ['auto-renew', 'one-time'] })
  readonly kind!: SubscriptionView['kind'];

  @ApiProperty({ description: 'A subscription that is over is not shown.', enum: ['active'] })
  readonly status!: 'active';

  @ApiProperty({ description: 'When the running period began.', format: 'date-time' })
  readonly periodStart!: string;

  @ApiProperty({ description: 'When it ends.', format: 'date-time' })
  readonly periodEnd!: string;

  @ApiProperty({ description: 'Whether it was cancelled: what is paid stays until it ends.' })
  readonly cancelAtPeriodEnd!: boolean;

  @ApiProperty({
    description: "Upstream cost that the period bears, in the wallet's currency; null without a limit.",
    type: LimitDto,
    nullable: true,
  })
  readonly budget!: LimitDto | null;

  @ApiProperty({ description: 'What the pools give in a day and in a week.', type: CapsDto })
  readonly caps!: CapsDto;
}
