import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import type { CancelAnswer, PeriodAnswer, SwitchAnswer } from '@meterbook/domain/account/subscription/answers';
import type { Renewal } from '@meterbook/domain/account/subscription/renew';
import type { Start } from '@meterbook/domain/account/subscription/start';
import type { Switch } from '@meterbook/domain/account/subscription/switch';
import type { SubscriptionKind } from '@meterbook/domain/rulebook/rulebook';
import { bodyDigest } from '@meterbook/http/request/body-digest';
import { IsIdempotencyId, IsInstant, IsText, MayBeAbsent } from '@meterbook/http/request/value-decorators';
import { PoolsDto } from '../accounts/subscription-view.dto';
import { MAX_NAME_BYTES, OccurredAt } from '../engine/commands/request-parts';

const kinds: readonly SubscriptionKind[] = ['auto-renew', 'one-time'];

const IsPaymentRef = (): PropertyDecorator =>
  IsIdempotencyId(
    "The payment's id, unique among all starts, renewals and switches of its account: the same id with the same content is taken once.",
    { example: 'sub-1001' },
  );

const IsProvider = (): PropertyDecorator =>
  IsText(MAX_NAME_BYTES, 'The payment provider, one of those in the rulebook.', { example: 'creem' });

/** A plan that was paid. */
export class StartBody {
  @IsPaymentRef()
  readonly paymentRef!: string;

  @IsText(MAX_NAME_BYTES, 'The plan, one of those in the rulebook.', { example: 'starter' })
  readonly plan!: string;

  @IsIn(kinds, { message: `must be one of ${kinds.join(', ')}` })
  @ApiProperty({ enum: kinds, description: 'Whether it can be renewed.' })
  readonly kind!: SubscriptionKind;

  @IsProvider()
  readonly provider!: string;

  @OccurredAt()
  readonly occurredAt?: string;
}

export function toStart(body: StartBody): Omit<Start, 'time'> {
  const { paymentRef, plan, kind, provider } = body;
  return { paymentRef, plan, kind, provider, digest: bodyDigest(body) };
}

/** The payment of the next period. */
export class RenewalBody {
  @IsPaymentRef()
  readonly paymentRef!: string;

  @IsProvider()
  readonly provider!: string;

  @OccurredAt()
  readonly occurredAt?: string;
}

export function toRenewal(body: RenewalBody): Omit<Renewal, 'time'> {
  const { paymentRef, provider } = body;
  return { paymentRef, provider, digest: bodyDigest(body) };
}

/** Another plan, which was paid. */
export class SwitchBody {
  @IsPaymentRef()
  readonly paymentRef!: string;

  @IsText(MAX_NAME_BYTES, 'The plan to switch to.', { example: 'premium' })
  readonly plan!: string;

  @IsProvider()
  readonly provider!: string;

  @OccurredAt()
  readonly occurredAt?: string;
}

export function toSwitch(body: SwitchBody): Omit<Switch, 'time'> {
  const { paymentRef, plan, provider } = body;
  return { paymentRef, plan, provider, digest: bodyDigest(body) };
}

export class SwitchQuoteQuery {
  @IsText(MAX_NAME_BYTES, 'The plan to switch to.', { example: 'premium' })
  readonly plan!: string;

  @MayBeAbsent()
  @IsInstant("When the switch would occur. Now where it is left out, or the account's last command if that is later.")
  readonly at?: string;
}

export class CancelQuery {
  @OccurredAt()
  readonly occurredAt?: string;
}

/** A period that was paid. */
export class PeriodDto implements PeriodAnswer {
  @ApiProperty({ description: 'Its plan.', example: 'starter' })
  readonly plan!: string;

  @ApiProperty({ description: 'Whether it can be renewed.', enum: kinds })
  readonly kind!: SubscriptionKind;

  @ApiProperty({ description: 'When it begins.', format: 'date-time' })
  readonly periodStart!: string;

  @ApiProperty({ description: 'When it ends.', format: 'date-time' })
  readonly periodEnd!: string;

  @ApiProperty({
    description: 'Its pools when it was paid; a pool that is carried on as it stood then.',
    type: PoolsDto,
  })
  readonly pools!: PoolsDto;
}

class ProrationDto {
  @ApiProperty({ description: 'The part of the cycle that has passed, half-up to 12 places.', example: '0.25' })
  readonly time!: string;

  @ApiProperty({ description: 'The part of the credits that is used, weighted, half-up to 12 places.', example: '0.1' })
  readonly tokens!: string;

  @ApiProperty({
    description: 'What counts as used up: the largest of both and the least that the rulebook names.',
    example: '0.25',
  })
  readonly consumed!: string;

  @ApiProperty({ description: 'The fee of the running period.', example: '10' })
  readonly oldPrice!: string;

  @ApiProperty({ description: 'The fee of the new one.', example: '25' })
  readonly newPrice!: string;
}

/** What a switch credits, and what it follows from. */
export class SwitchDto implements SwitchAnswer {
  @ApiProperty({ description: 'The plan that ends.', example: 'starter' })
  readonly from!: string;

  @ApiProperty({ description: 'The plan that starts.', example: 'premium' })
  readonly to!: string;

  @ApiProperty({
    description:
      'What comes into the wallet, before it settles a receivable; a renewal that was paid already is all in it.',
    example: '7.5',
  })
  readonly credit!: string;

  @ApiProperty({ description: "The wallet's currency.", example: 'USD' })
  readonly currency!: string;

  @ApiProperty({ description: 'The terms of it.', type: ProrationDto })
  readonly proration!: ProrationDto;
}

export class CancelledDto implements CancelAnswer {
  @ApiProperty({ description: 'It is not renewed any more.', enum: ['cancelled'] })
  readonly status!: 'cancelled';

  @ApiProperty({
    description: 'The end of the last period that is paid; until then all stays as it is.',
    format: 'date-time',
  })
  readonly endsAt!: string;
}
