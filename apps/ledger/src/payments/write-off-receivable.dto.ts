import { ApiProperty } from '@nestjs/swagger';
import type { WriteOffAnswer } from '@meterbook/domain/account/answers';
import type { WriteOff } from '@meterbook/domain/account/payments/write-off';
import { decimal } from '@meterbook/domain/amount/decimal';
import { bodyDigest } from '@meterbook/http/request/body-digest';
import { IsAmount, IsIdempotencyId, IsText } from '@meterbook/http/request/value-decorators';
import { MAX_REASON_BYTES, OccurredAt } from '../engine/commands/request-parts';

/** What an account owes and will never pay. */
export class WriteOffBody {
  @IsIdempotencyId(
    "The write-off's id, unique among those of its account: the same id with the same content is written off once.",
  )
  readonly writeOffId!: string;

  @IsAmount('positive', "How much, in the wallet's currency; at most what is owed.")
  readonly amount!: string;

  @IsText(MAX_REASON_BYTES, 'Why it is given up.')
  readonly reason!: string;

  @OccurredAt()
  readonly occurredAt?: string;
}

export function toWriteOff(body: WriteOffBody): Omit<WriteOff, 'time'> {
  const { writeOffId, amount, reason } = body;
  return { writeOffId, amount: decimal(amount), reason, digest: bodyDigest(body) };
}

/** What a write-off came to. */
export class WriteOffDto implements WriteOffAnswer {
  @ApiProperty({ description: "The write-off's id." })
  readonly writeOffId!: string;

  @ApiProperty({ description: 'What was written off.', example: '10' })
  readonly writtenOff!: string;

  @ApiProperty({ description: "The wallet's currency.", example: 'CNY' })
  readonly currency!: string;

  @ApiProperty({ description: 'What the account still owes.', example: '15' })
  readonly receivable!: string;
}
