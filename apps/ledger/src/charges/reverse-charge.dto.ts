import { ApiProperty } from '@nestjs/swagger';
import type { ReversalAnswer } from '@meterbook/domain/account/answers';
import { IsIdempotencyId, IsText } from '@meterbook/http/request/value-decorators';
import { OccurredAt } from '../engine/commands/occurred-at';
import { MAX_NAME_BYTES, MAX_REASON_BYTES } from '../engine/commands/text-limits';
import { DrawDto } from './charge.dto';

/** A charge to undo, by the identity of its usage. */
export class ReversalBody {
  @IsIdempotencyId(
    "The reversal's id, unique among the reversals of its account: the same id with the same content is done once.",
  )
  readonly reversalId!: string;

  @IsText(MAX_NAME_BYTES, 'The `source` of the usage event.', { example: 'gateway-eu-1' })
  readonly source!: string;

  @IsText(MAX_NAME_BYTES, 'The `id` of the usage event.', { example: 'req-7f3a' })
  readonly id!: string;

  @IsText(MAX_REASON_BYTES, 'Why it is undone.')
  readonly reason!: string;

  @OccurredAt()
  readonly occurredAt?: string;
}

/** What a reversal came to. */
export class ReversalDto implements ReversalAnswer {
  @ApiProperty({ description: "The reversal's id." })
  readonly reversalId!: string;

  @ApiProperty({ description: 'The `source` of the usage event.' })
  readonly source!: string;

  @ApiProperty({ description: 'The `id` of the usage event.' })
  readonly id!: string;

  @ApiProperty({ description: 'What the charge was.', example: '1.2' })
  readonly amount!: string;

  @ApiProperty({ description: 'What came back, before it settled anything.', type: [DrawDto] })
  readonly returned!: readonly DrawDto[];
}
