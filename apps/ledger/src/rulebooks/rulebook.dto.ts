import { ApiProperty } from '@nestjs/swagger';
import type { RulebookFault, RulebookFaultCode } from '@meterbook/domain/rulebook/fault';
import { RULEBOOK_REF } from '@meterbook/http/openapi/shared-schemas';
import type { ValueCheck } from '@meterbook/messages/reading/value-check';
import { Cursor } from '@meterbook/http/request/cursor';
import { IsPageLimit } from '@meterbook/http/request/page-limit';
import { CheckedBy, IsCursor, MayBeAbsent } from '@meterbook/http/request/value-decorators';

const VERSION = /^[1-9][0-9]{0,8}$/;

const versionNumber: ValueCheck = (value) =>
  typeof value === 'string' && VERSION.test(value)
    ? undefined
    : { code: 'invalid_value', detail: 'must be a version, 1 or more' };

/** The number of a version in a path; 0, which no version has, for what is none. */
export function versionIn(text: string): number {
  return VERSION.test(text) ? Number(text) : 0;
}

export const platformCursor = new Cursor('platforms', { at: 'number' });

export class VersionQuery {
  @MayBeAbsent()
  @CheckedBy('isVersion', versionNumber)
  @ApiProperty({ description: 'Which version; the latest where it is left out.', type: String, example: '1' })
  readonly version?: string;
}

export class ListPlatformsQuery {
  @MayBeAbsent()
  @IsCursor(platformCursor)
  readonly cursor?: string;

  @IsPageLimit()
  readonly limit?: string;
}

/** One immutable version of a platform's rules. */
export class VersionDto {
  @ApiProperty({ description: '1, 2, 3 … per platform.', example: 1 })
  readonly version!: number;

  @ApiProperty({ description: 'Hex SHA-256 of the RFC 8785 canonical JSON of the content without `effectiveFrom`.' })
  readonly sha256!: string;

  @ApiProperty({ description: 'From when on it is in force.', format: 'date-time' })
  readonly effectiveFrom!: string;
}

export class PublishedRulebookDto extends VersionDto {
  @ApiProperty({
    description: 'The content as it was published, without `effectiveFrom`.',
    allOf: [{ $ref: RULEBOOK_REF }],
  })
  readonly rulebook!: Readonly<Record<string, unknown>>;
}

export class RulebookFaultDto implements RulebookFault {
  @ApiProperty({ description: 'JSON pointer into the content; where something is missing, the place it belongs.' })
  readonly pointer!: string;

  @ApiProperty({
    description: 'What kind of fault it is.',
    enum: [
      'required',
      'unknown_key',
      'invalid_value',
      'dangling_reference',
      'duplicate_id',
      'incomplete_matrix',
      'too_large',
    ],
  })
  readonly code!: RulebookFaultCode;

  @ApiProperty({ description: 'What is wrong there.' })
  readonly detail!: string;
}

export class ValidationDto {
  @ApiProperty({ description: 'Whether it could be published now.' })
  readonly valid!: boolean;

  @ApiProperty({ description: 'Its faults, up to a hundred.', type: [RulebookFaultDto] })
  readonly errors!: readonly RulebookFaultDto[];

  @ApiProperty({ description: 'How many more faults there are; left out where all are listed.', required: false })
  readonly more?: number;
}

export class PlatformDto {
  @ApiProperty({ description: 'The platform.', example: 'apibox' })
  readonly platform!: string;

  @ApiProperty({ description: 'Currency of its wallets and prices.', example: 'CNY' })
  readonly currency!: string;

  @ApiProperty({ description: 'Its latest rulebook version that is not withdrawn.', example: 2 })
  readonly rulebookVersion!: number;
}

export class PlatformPageDto {
  @ApiProperty({ description: 'Platforms in the order of their first rulebook.', type: [PlatformDto] })
  readonly items!: readonly PlatformDto[];

  @ApiProperty({ description: 'The cursor of the next page; null on the last.', type: String, nullable: true })
  readonly next!: string | null;
}
