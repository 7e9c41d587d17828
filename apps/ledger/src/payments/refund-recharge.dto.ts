import { ApiProperty } from '@nestjs/swagger';
import type { RefundAnswer } from '@meterbook/domain/account/answers';
import type { Refund } from '@meterbook/domain/account/payments/refund';
import { bodyDigest } from '@meterbook/http/request/body-digest';
import { IsIdempotencyId } from '@meterbook/http/request/value-decorators';
import { OccurredAt } from '../engine/commands/request-parts';

/** A recharge whose rest is to be paid back. */
export class RefundBody {
  @IsIdempotencyId(
    "The refund's id, unique among the refunds of its account: the same id with the same content is paid back once.",
  )
  readonly refundId!: string;

  @OccurredAt()
  readonly occurredAt?: string;
}

/** The recharge is a part of what was sent: the same id for another one is a conflict. */
export function toRefund(rechargeId: string, body: RefundBody): Omit<Refund, 'time'> {
  return { refundId: body.refundId, rechargeId, digest: bodyDigest([rechargeId, body]) };
}

export class PaidBackDto {
  @ApiProperty({ description: 'What goes back to the payer.', example: '73' })
  readonly amount!: string;

  @ApiProperty({ description: 'The currency that the recharge was paid in.', example: 'CNY' })
  readonly currency!: string;
}

/** What a refund came to. */
export class RefundDto implements RefundAnswer {
  @ApiProperty({ description: "The refund's id." })
  readonly refundId!: string;

  @ApiProperty({ description: "What it took from the wallet, in the wallet's currency.", example: '10' })
  readonly refunded!: string;

  @ApiProperty({ description: "The wallet's currency.", example: 'USD' })
  readonly currency!: string;

  @ApiProperty({
    description:
      'What is to be paid back, in the currency paid; a part of a foreign payment is rounded down to the cent.',
    type: PaidBackDto,
  })
  readonly paidBack!: PaidBackDto;
}
