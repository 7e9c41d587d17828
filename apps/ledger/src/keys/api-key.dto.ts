import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import type { KeyAnswer } from '@meterbook/domain/account/answers';
import type { KeyChange, KeyIssue } from '@meterbook/domain/account/standing/keys';
import { MAX_LABELS, type Labels } from '@meterbook/domain/usage/labels';
import { bodyDigest } from '@meterbook/http/request/body-digest';
import { Cursor } from '@meterbook/http/request/cursor';
import { Members, membersOf } from '@meterbook/http/request/members';
import { IsPageLimit } from '@meterbook/http/request/page-limit';
import { requestProblem } from '@meterbook/http/request/read-request';
import { IsCursor, IsIdempotencyId, IsText, MayBeAbsent, MayBeNull } from '@meterbook/http/request/value-decorators';
import { usageChecks } from '@meterbook/messages/usage-event/usage-checks';
import { MAX_NAME_BYTES, OccurredAt } from '../engine/commands/request-parts';

const labels = membersOf(MAX_LABELS, usageChecks.labelKey, () => usageChecks.labelValue);

const IsLabels = (description: string): PropertyDecorator =>
  applyDecorators(
    MayBeNull(),
    Members('isLabels', labels, { description, additionalProperties: { type: 'string' }, example: { team: 'search' } }),
  );

/** An API key to issue. */
export class IssueKeyBody {
  @IsIdempotencyId("The key's id, unique in its account: the same id with the same content is issued once.")
  readonly keyId!: string;

  @MayBeNull()
  @IsText(MAX_NAME_BYTES, 'What people call it; its id where it is left out.', { example: 'production' })
  readonly name?: string | null;

  @MayBeNull()
  @IsText(MAX_NAME_BYTES, 'The group its usage belongs to; without one, that of each request or its model.', {
    example: 'default',
  })
  readonly group?: string | null;

  @IsLabels('Labels of its usage, where the usage has none of that name. At most 10, of 1 to 64 bytes each.')
  readonly labels?: Labels | null;

  @OccurredAt()
  readonly occurredAt?: string;
}

export function toKeyIssue(body: IssueKeyBody): Omit<KeyIssue, 'time' | 'secretHash'> {
  const { keyId, name, group = null, labels: given = null } = body;
  return { keyId, name: name ?? keyId, group, labels: given, digest: bodyDigest(body) };
}

/** What is to change about a key; what is left out stays. */
export class ChangeKeyBody {
  @MayBeNull()
  @IsText(MAX_NAME_BYTES, 'The group its usage belongs to from now on; null leaves it to each request or its model.', {
    example: 'vip',
  })
  readonly group?: string | null;

  @IsLabels('All its labels from now on, in place of those it had; null takes them away.')
  readonly labels?: Labels | null;

  @OccurredAt()
  readonly occurredAt?: string;
}

/** Throws `invalid_request` where nothing is to be changed. */
export function toKeyChange(keyId: string, { group, labels: given }: ChangeKeyBody): Omit<KeyChange, 'time'> {
  if (group === undefined && given === undefined)
    throw requestProblem([
      { pointer: '', code: 'required', detail: 'names nothing to change: neither group nor labels' },
    ]);
  return { keyId, group, labels: given };
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

  @ApiProperty({
    description: 'Labels of its usage, where the usage has none of that name; empty without any.',
    type: 'object',
    additionalProperties: { type: 'string' },
  })
  readonly labels!: Labels;
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
