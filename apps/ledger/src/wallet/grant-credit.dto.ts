import { ApiProperty } from '@nestjs/swagger';
import type { GrantAnswer } from '@meterbook/domain/account/answers';
import type { Grant } from '@meterbook/domain/account/wallet/grant';
import { decimal } from '@meterbook/domain/amount/decimal';
import { bodyDigest } from '@meterbook/http/request/body-digest';
import {
  IsAmount,
  IsIdempotencyId,
  IsInstant,
  IsText,
  MayBeAbsent,
  MayBeNull,
} from '@meterbook/http/request/value-decorators';
import { MAX_REASON_BYTES, OccurredAt, toInstant } from '../engine/commands/request-parts';

/** Credit that is given to an account, or claimed by it. */
export class GrantBody {
  @IsIdempotencyId(
    "The grant's id, unique among the grants of its account: the same id with the same content is given once.",
  )
  readonly grantId!: string;

  @MayBeAbsent()
  @IsAmount(
    'positive',
    "How much, in the wallet's currency. Without it the starter grant of the rulebook is claimed, by its reason.",
  )
  readonly amount?: string;

  @IsText(MAX_REASON_BYTES, 'Why it is given.', { example: 'trial' })
  readonly reason!: string;

  @MayBeNull()
  @IsInstant('From when on what is left of it serves no usage any more; never where it is left out.')
  readonly expiresAt?: string | null;

  @OccurredAt()
  readonly occurredAt?: string;
}

export function toGrant(body: GrantBody): Omit<Grant, 'time'> {
  const { grantId, amount, reason, expiresAt } = body;
  return {
    grantId,
    amount: amount === undefined ? null : decimal(amount),
    reason,
    expiresAt: toInstant(expiresAt),
    digest: bodyDigest(body),
  };
}

/** What a grant came to. */
export class GrantDto implements GrantAnswer {
  @ApiProperty({ description: "The grant's id.", type: String })
  readonly grantId!: string | null;

  @ApiProperty({
    description: "How much was given, in the wallet's currency; what settled a receivable is part of it.",
    example: '10',
  })
  readonly granted!: string;

  @ApiProperty({ description: "The wallet's currency.", example: 'CNY' })
  readonly currency!: string;

  @ApiProperty({ description: 'When it expires; null for never.', type: String, format: 'date-time', nullable: true })
  readonly expiresAt!: string | null;

  @ApiProperty({ description: 'What of it settled the receivable.', example: '0' })
  readonly receivableSettled!: string;
}
