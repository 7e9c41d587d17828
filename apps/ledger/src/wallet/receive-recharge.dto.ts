import { ApiProperty } from '@nestjs/swagger';
import type { RechargeAnswer } from '@meterbook/domain/account/answers';
import type { Recharge } from '@meterbook/domain/account/wallet/recharge';
import { decimal } from '@meterbook/domain/amount/decimal';
import { bodyDigest } from '@meterbook/http/request/body-digest';
import { IsAmount, IsIdempotencyId, IsText } from '@meterbook/http/request/value-decorators';
import { MAX_CURRENCY_BYTES, MAX_NAME_BYTES, OccurredAt } from '../engine/commands/request-parts';

/** A payment that came in. */
export class RechargeBody {
  @IsIdempotencyId(
    "The payment's id, unique among the recharges of its account: the same id with the same content is taken once.",
  )
  readonly rechargeId!: string;

  @IsText(MAX_NAME_BYTES, 'The payment provider, one of those in the rulebook.', { example: 'manual' })
  readonly provider!: string;

  @IsAmount('positive', 'What was paid, in `currency`; more than zero.')
  readonly amount!: string;

  @IsText(MAX_CURRENCY_BYTES, "The currency paid in: the wallet's own, or one that the rulebook quotes a rate for.", {
    example: 'CNY',
  })
  readonly currency!: string;

  @OccurredAt()
  readonly occurredAt?: string;
}

export function toRecharge(body: RechargeBody): Omit<Recharge, 'time'> {
  const { rechargeId, provider, amount, currency } = body;
  return { rechargeId, provider, amount: decimal(amount), currency, digest: bodyDigest(body) };
}

export class PaidAmountDto {
  @ApiProperty({ description: 'What was paid.', example: '730' })
  readonly amount!: string;

  @ApiProperty({ description: 'The currency paid in.', example: 'CNY' })
  readonly currency!: string;
}

/** What a payment came to. */
export class RechargeDto implements RechargeAnswer {
  @ApiProperty({ description: "The payment's id." })
  readonly rechargeId!: string;

  @ApiProperty({
    description: "What was credited, in the wallet's currency; what settled a receivable is part of it.",
    example: '100',
  })
  readonly credited!: string;

  @ApiProperty({ description: "The wallet's currency.", example: 'USD' })
  readonly currency!: string;

  @ApiProperty({ description: 'The payment as it was sent.', type: PaidAmountDto })
  readonly paid!: PaidAmountDto;

  @ApiProperty({
    description:
      "Units of the wallet's currency per unit paid, half-up to 12 places where it does not terminate; null without a conversion.",
    type: String,
    nullable: true,
  })
  readonly fxRate!: string | null;

  @ApiProperty({ description: 'What of it settled the receivable.', example: '0' })
  readonly receivableSettled!: string;
}
