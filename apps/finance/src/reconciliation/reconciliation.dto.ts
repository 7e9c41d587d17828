import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { Cursor } from '@meterbook/http/request/cursor';
import { IsPageLimit } from '@meterbook/http/request/page-limit';
import { IsCursor, MayBeAbsent } from '@meterbook/http/request/value-decorators';
import { kinds, type Granularity, type Kind } from './question';
import type { ReconciliationAnswer } from './reconciliation-answer';

export const itemsCursor = new Cursor('reconciliation-items', { at: 'number' });

export class ItemsQuery {
  @MayBeAbsent()
  @IsIn(kinds, { message: `must be one of ${kinds.join(', ')}` })
  @ApiProperty({ enum: kinds, description: 'Only those of this kind.' })
  readonly kind?: Kind;

  @MayBeAbsent()
  @IsCursor(itemsCursor)
  readonly cursor?: string;

  @IsPageLimit()
  readonly limit?: string;
}

class SumDto {
  @ApiProperty({ description: 'How many keys.', type: 'integer', example: 1 })
  readonly keys!: number;

  @ApiProperty({ description: "What the bill says of them, in the wallet's currency.", example: '3' })
  readonly theirs!: string;

  @ApiProperty({ description: 'What their usage was booked to have cost.', example: '3' })
  readonly ours!: string;
}

/** A bill beside what its usage was booked to have cost. */
export class ReconciliationDto implements ReconciliationAnswer {
  @ApiProperty({ description: 'The id of the path.' })
  readonly reconciliationId!: string;

  @ApiProperty({ description: 'As asked for.', format: 'date-time' })
  readonly from!: string;

  @ApiProperty({ description: 'As asked for.', format: 'date-time' })
  readonly to!: string;

  @ApiProperty({ enum: ['request', 'hour', 'day', 'month'], description: 'What a key is: a request, or a time.' })
  readonly granularity!: Granularity;

  @ApiProperty({ description: 'The zone that cuts hours, days and months.', example: 'UTC' })
  readonly zone!: string;

  @ApiProperty({ description: "The wallet's currency.", example: 'USD' })
  readonly currency!: string;

  @ApiProperty({
    description: "What one unit of the bill's currency was taken for, half-up to 12 places.",
    example: '1',
  })
  readonly rate!: string;

  @ApiProperty({ description: 'When it was made: what was booked by then was compared.', format: 'date-time' })
  readonly asOf!: string;

  @ApiProperty({ description: 'Rows of the bill, without its header and blank lines.', type: 'integer', example: 4 })
  readonly rows!: number;

  @ApiProperty({ description: 'Those of them outside of the time.', type: 'integer', example: 1 })
  readonly skipped!: number;

  @ApiProperty({ description: 'Keys of both sides that differ by no more than allowed.', type: SumDto })
  readonly matched!: SumDto;

  @ApiProperty({ description: 'Keys of both sides that differ by more.', type: SumDto })
  readonly different!: SumDto;

  @ApiProperty({ description: 'Keys that only the bill has.', type: SumDto })
  readonly onlyTheirs!: SumDto;

  @ApiProperty({ description: 'Keys that only the books have.', type: SumDto })
  readonly onlyOurs!: SumDto;

  @ApiProperty({ description: 'All of them together.', type: SumDto })
  readonly total!: SumDto;

  @ApiProperty({ description: "SHA-256 of the bill's bytes, hexadecimal." })
  readonly inputSha256!: string;
}

class ReconciliationItemDto {
  @ApiProperty({ required: false, description: 'The id of the request, where requests are compared.' })
  readonly request?: string;

  @ApiProperty({
    required: false,
    description: 'The day, the month, or the instant at which the hour begins.',
    example: '2026-11-02',
  })
  readonly time?: string;

  @ApiProperty({ required: false, description: 'The model, where the bill has a column for it.', example: 'chat' })
  readonly model?: string;

  @ApiProperty({ enum: kinds, description: 'How both sides stand to each other.' })
  readonly kind!: Kind;

  @ApiProperty({ description: 'What the bill says.', example: '3' })
  readonly theirs!: string;

  @ApiProperty({ description: 'What was booked.', example: '3' })
  readonly ours!: string;
}

/** A page of the keys of a reconciliation. */
export class ReconciliationItemsDto {
  @ApiProperty({ description: 'In the order of their keys.', type: [ReconciliationItemDto] })
  readonly items!: ReconciliationItemDto[];

  @ApiProperty({ description: 'The cursor of the next page; null on the last one.', type: String, nullable: true })
  readonly next!: string | null;
}
