import { ApiProperty } from '@nestjs/swagger';
import type { ReversalAnswer } from '@meterbook/domain/account/answers';
import type { Reversal } from '@meterbook/domain/account/charging/reverse';
import { bodyDigest } from '@meterbook/http/request/body-digest';
import { IsIdempotencyId, IsText } from '@meterbook/http/request/value-decorators';
import { MAX_NAME_BYTES, MAX_REASON_BYTES, OccurredAt } from '../engine/commands/request-parts';
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

export function toReversal(body: ReversalBody): Omit<Reversal, 'time'> {
  const { reversalId, source, id, reason } = body;
  return { reversalId, source, id, reason, digest: bodyDigest(body) };
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
