import { ApiProperty } from '@nestjs/swagger';
import type { KeyAnswer } from '@meterbook/domain/account/answers';
import type { KeyIssue } from '@meterbook/domain/account/standing/keys';
import { bodyDigest } from '@meterbook/http/request/body-digest';
import { Cursor } from '@meterbook/http/request/cursor';
import { IsPageLimit } from '@meterbook/http/request/page-limit';
import { IsCursor, IsIdempotencyId, IsText, MayBeAbsent, MayBeNull } from '@meterbook/http/request/value-decorators';
import { MAX_NAME_BYTES, OccurredAt } from '../engine/commands/request-parts';

/** An API key to issue. */
export class IssueKeyBody {
  @IsIdempotencyId("The key's id, unique in its account: the same id with the same content is issued once.")
  readonly keyId!: string;

  @IsText(MAX_NAME_BYTES, 'What people call it.')
  readonly name!: string;

  @MayBeNull()
  @IsText(MAX_NAME_BYTES, 'The group its usage belongs to; without one, that of each request or its model.', {
    example: 'default',
  })
  readonly group?: string | null;

  @OccurredAt()
  readonly occurredAt?: string;
}

export function toKeyIssue(body: IssueKeyBody): Omit<KeyIssue, 'time' | 'secretHash'> {
  const { keyId, name, group = null } = body;
  return { keyId, name, group, digest: bodyDigest(body) };
}

/** What is to change about a key. */
export class ChangeKeyBody {
  @MayBeNull()
  @IsText(MAX_NAME_BYTES, 'The group its usage belongs to from now on; null leaves it to each request or its model.', {
    example: 'vip',
  })
  readonly group?: string | null;

  @OccurredAt()
  readonly occurredAt?: string;
}

/** `DELETE` takes no body. */
export class RevokeKeyQuery {
  @OccurredAt()
  readonly occurredAt?: string;
}

export const keyCursor = new Cursor('keys', { issuedRevision: 'number' });

export class ListKeysQuery {
  @MayBeAbsent()
  @IsCursor(keyCursor)
  readonly cursor?: string;

  @IsPageLimit()
  readonly limit?: string;
}

/** An API key. */
export class KeyDto implements KeyAnswer {
  @ApiProperty({ description: "The key's id." })
  readonly keyId!: string;

  @ApiProperty({ description: 'What people call it.' })
  readonly name!: string;

  @ApiProperty({
    description: 'The group its usage belongs to; null where each request or its model says.',
    type: String,
    nullable: true,
  })
  readonly group!: string | null;
}

/** An API key with its secret, which is shown this once. */
export class IssuedKeyDto extends KeyDto {
  @ApiProperty({ description: 'The secret, shown this once; a repeat leaves it out.', required: false })
  readonly secret?: string;
}

export class ListedKeyDto extends KeyDto {
  @ApiProperty({ description: 'Whether it was taken out of use.' })
  readonly revoked!: boolean;
}

export class KeyPageDto {
  @ApiProperty({ description: 'Keys in the order they were issued.', type: [ListedKeyDto] })
  readonly items!: readonly ListedKeyDto[];

  @ApiProperty({ description: 'The cursor of the next page; null on the last.', type: String, nullable: true })
  readonly next!: string | null;
}
