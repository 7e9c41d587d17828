import { ApiProperty } from '@nestjs/swagger';
import type { DisputeAnswer, DisputeLostAnswer, DisputeWonAnswer } from '@meterbook/domain/account/answers';
import type { DisputeClosing } from '@meterbook/domain/account/payments/close-dispute';
import type { NewDispute } from '@meterbook/domain/account/payments/dispute';
import { decimal } from '@meterbook/domain/amount/decimal';
import { bodyDigest } from '@meterbook/http/request/body-digest';
import { IsAmount, IsIdempotencyId, MayBeAbsent } from '@meterbook/http/request/value-decorators';
import { OccurredAt } from '../engine/commands/request-parts';

/** A provider's dispute of a recharge. */
export class DisputeBody {
  @IsIdempotencyId(
    "The dispute's id, unique among the disputes of its account: the same id with the same content is opened once.",
  )
  readonly disputeId!: string;

  @MayBeAbsent()
  @IsAmount(
    'positive',
    'How much is disputed, in the currency paid. Without it all that is neither refunded nor in a dispute that was not won.',
  )
  readonly amount?: string;

  @OccurredAt()
  readonly occurredAt?: string;
}

/** A dispute that the platform won. */
export class DisputeWonBody {
  @OccurredAt()
  readonly occurredAt?: string;
}

/** A dispute that the platform lost. */
export class DisputeLostBody {
  @MayBeAbsent()
  @IsAmount('positive', 'What the provider takes for it, in the currency paid; nothing where it is left out.')
  readonly fee?: string;

  @OccurredAt()
  readonly occurredAt?: string;
}

/** The recharge is a part of what was sent: the same id for another one is a conflict. */
export function toDispute(rechargeId: string, body: DisputeBody): Omit<NewDispute, 'time'> {
  const { disputeId, amount } = body;
  return {
    disputeId,
    rechargeId,
    amount: amount === undefined ? null : decimal(amount),
    digest: bodyDigest([rechargeId, body]),
  };
}

/** Which dispute, as a path names it. */
export interface DisputeInPath {
  readonly rechargeId: string;
  readonly disputeId: string;
}

export function toWon(of: DisputeInPath, body: DisputeWonBody): Omit<DisputeClosing, 'time'> {
  return { ...of, outcome: 'won', fee: null, digest: bodyDigest(['won', body]) };
}

export function toLost(of: DisputeInPath, body: DisputeLostBody): Omit<DisputeClosing, 'time'> {
  const fee = body.fee === undefined ? null : decimal(body.fee);
  return { ...of, outcome: 'lost', fee, digest: bodyDigest(['lost', body]) };
}

export class DisputedAmountDto {
  @ApiProperty({ description: 'What is disputed.', example: '100' })
  readonly amount!: string;

  @ApiProperty({ description: 'The currency that the recharge was paid in.', example: 'CNY' })
  readonly currency!: string;
}

/** What a dispute came to. */
export class DisputeDto implements DisputeAnswer {
  @ApiProperty({ description: "The dispute's id." })
  readonly disputeId!: string;

  @ApiProperty({ description: "The recharge's id." })
  readonly rechargeId!: string;

  @ApiProperty({ description: 'What is disputed, in the currency paid.', type: DisputedAmountDto })
  readonly disputed!: DisputedAmountDto;

  @ApiProperty({
    description: "The same in the wallet's currency, at the rate of the recharge.",
    example: '100',
  })
  readonly amount!: string;

  @ApiProperty({
    description: 'What of it was left of the recharge, and is frozen: it stays in the wallet and pays for nothing.',
    example: '70',
  })
  readonly frozen!: string;

  @ApiProperty({ description: "The wallet's currency.", example: 'CNY' })
  readonly currency!: string;
}

/** What a dispute that was won came to. */
export class DisputeWonDto implements DisputeWonAnswer {
  @ApiProperty({ description: "The dispute's id." })
  readonly disputeId!: string;

  @ApiProperty({ description: 'How it ended.', enum: ['won'] })
  readonly outcome!: 'won';

  @ApiProperty({ description: 'What is not frozen any more.', example: '70' })
  readonly thawed!: string;

  @ApiProperty({ description: 'What of it settled the receivable.', example: '0' })
  readonly receivableSettled!: string;

  @ApiProperty({ description: "The wallet's currency.", example: 'CNY' })
  readonly currency!: string;
}

/** What a dispute that was lost came to. */
export class DisputeLostDto implements DisputeLostAnswer {
  @ApiProperty({ description: "The dispute's id." })
  readonly disputeId!: string;

  @ApiProperty({ description: 'How it ended.', enum: ['lost'] })
  readonly outcome!: 'lost';

  @ApiProperty({ description: 'What was taken from the wallet: the frozen money, then other money.', example: '90' })
  readonly taken!: string;

  @ApiProperty({ description: 'What the account owes of it, since nothing covered it.', example: '10' })
  readonly owed!: string;

  @ApiProperty({ description: "The provider's fee, which the platform bears.", example: '15' })
  readonly fee!: string;

  @ApiProperty({ description: "The wallet's currency, of every amount here.", example: 'CNY' })
  readonly currency!: string;
}
