import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsString } from 'class-validator';
import { Cursor } from '@meterbook/http/request/cursor';
import { IsPageLimit } from '@meterbook/http/request/page-limit';
import { IsCursor, IsIdempotencyId, IsInstant, MayBeAbsent } from '@meterbook/http/request/value-decorators';
import { RULEBOOK_REF } from '@meterbook/http/openapi/shared-schemas';
import { IsZone } from '../reports/axes';

/** Dimensions that a result is grouped by, at the most. */
const MAX_DIMENSIONS = 20;

export const whatIfCursor = new Cursor('what-if', { at: 'number' });

/** What is asked, without its rulebook. */
export class WhatIfBody {
  @IsIdempotencyId("The what-if's id, unique on its platform: the same id with the same content is made once.")
  readonly whatIfId!: string;

  @IsInstant('Since when the rulebook is supposed, and from when on what occurred is counted.')
  readonly from!: string;

  @MayBeAbsent()
  @IsInstant('Until when what occurred is counted, exclusive; until now where it is left out.')
  readonly to?: string;

  @MayBeAbsent()
  @IsZone()
  @ApiProperty({ example: 'Asia/Shanghai', description: 'The zone that cuts days and months. UTC when absent.' })
  readonly zone?: string;

  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MAX_DIMENSIONS)
  @IsString({ each: true })
  @ApiProperty({
    type: [String],
    example: ['model'],
    description: 'Any of `day month model tier group channel apiKey plan account` and `label:{key}`.',
  })
  readonly groupBy?: string[];
}

/** The same as it is described: with the rulebook, which is read in a thread of its own. */
export class WhatIfRequestDto extends WhatIfBody {
  @ApiProperty({
    required: false,
    allOf: [{ $ref: RULEBOOK_REF }],
    description: 'What is supposed to have been in force since `from`; what was in force where it is left out.',
  })
  readonly rulebook?: object;
}

export class WhatIfMadeDto {
  @ApiProperty({ description: 'The id it was asked for by.' })
  readonly whatIfId!: string;
}

export class WhatIfQuery {
  @MayBeAbsent()
  @IsCursor(whatIfCursor)
  readonly cursor?: string;

  @IsPageLimit()
  readonly limit?: string;
}

class PaidByDto {
  @ApiProperty({ description: 'Credits of main pools.', example: '0' })
  readonly main!: string;

  @ApiProperty({ description: 'Credits of backup pools.', example: '0' })
  readonly backup!: string;

  @ApiProperty({ description: 'Money of wallets.', example: '16' })
  readonly wallet!: string;

  @ApiProperty({ description: 'Money that nothing covered.', example: '0' })
  readonly receivable!: string;
}

/** What was charged, or would have been. */
class SideDto {
  @ApiProperty({ description: 'How many charges.', type: 'integer', example: 3 })
  readonly charges!: number;

  @ApiProperty({ description: 'What was charged, less what was reversed.', example: '16' })
  readonly amount!: string;

  @ApiProperty({ description: 'What upstream took; a reversal does not bring it back.', example: '4.1' })
  readonly cost!: string;

  @ApiProperty({ description: 'What paid for it, as it was drawn.', type: PaidByDto })
  readonly paidBy!: PaidByDto;
}

class ComparisonDto {
  @ApiProperty({ description: 'What the books have.', type: SideDto })
  readonly actual!: SideDto;

  @ApiProperty({ description: 'What they would have.', type: SideDto })
  readonly simulated!: SideDto;

  @ApiProperty({ description: 'The simulated amount less the actual one.', example: '8' })
  readonly difference!: string;
}

const Dimension = (description: string): PropertyDecorator =>
  ApiProperty({
    required: false,
    nullable: true,
    type: String,
    description: `${description}, where it is grouped by.`,
  });

/** A group: those of its dimensions that were asked for, and what it comes to. A label stands as `label:{key}`. */
class WhatIfItemDto extends ComparisonDto {
  @Dimension('The day in `zone`')
  readonly day?: string | null;

  @Dimension('The month in `zone`')
  readonly month?: string | null;

  @Dimension('The model')
  readonly model?: string | null;

  @Dimension('The tier that a charge was, or would have been, rated at')
  readonly tier?: string | null;

  @Dimension('The group')
  readonly group?: string | null;

  @Dimension('The upstream source')
  readonly channel?: string | null;

  @Dimension('The API key')
  readonly apiKey?: string | null;

  @Dimension('The plan of the period that a charge fell into')
  readonly plan?: string | null;

  @Dimension('The account')
  readonly account?: string | null;
}

class RefusedDto {
  @ApiProperty({ description: 'The code of the refusal, or of the dead letter.', example: 'unknown_model' })
  readonly code!: string;

  @ApiProperty({ description: 'How many commands and usages.', type: 'integer', example: 2 })
  readonly count!: number;
}

class LeftOutDto {
  @ApiProperty({ description: 'How many accounts.', type: 'integer' })
  readonly count!: number;

  @ApiProperty({ description: 'The first hundred of them, by name.', type: [String] })
  readonly accounts!: string[];
}

/** A what-if, and from when on it is done what it came to. */
export class WhatIfDto {
  @ApiProperty({ description: 'The id it was asked for by.' })
  readonly whatIfId!: string;

  @ApiProperty({
    enum: ['running', 'done', 'failed'],
    description: 'How it stands; what waits for its turn is running.',
  })
  readonly state!: string;

  @ApiProperty({ description: 'How much of it is done, from 0 to 1.', example: 1 })
  readonly progress!: number;

  @ApiProperty({ description: 'Accounts that had something in the span.', type: 'integer', example: 2 })
  readonly accounts!: number;

  @ApiProperty({ description: 'As asked for.', format: 'date-time' })
  readonly from!: string;

  @ApiProperty({ description: 'As asked for, or when it was asked.', format: 'date-time' })
  readonly to!: string;

  @ApiProperty({ description: 'The zone that cuts days and months.', example: 'UTC' })
  readonly zone!: string;

  @ApiProperty({ description: "The wallet's currency.", example: 'USD' })
  readonly currency!: string;

  @ApiProperty({ description: 'The dimensions of an item.', type: [String] })
  readonly groupBy!: string[];

  @ApiProperty({
    required: false,
    description: 'Accounts whose streams cannot be read to their ends.',
    type: LeftOutDto,
  })
  readonly damaged?: LeftOutDto;

  @ApiProperty({ required: false, description: 'Why it failed, where it did.' })
  readonly why?: string;

  @ApiProperty({
    required: false,
    description: 'A page of the groups that have something on either side, each with its dimensions, null first.',
    type: [WhatIfItemDto],
  })
  readonly items?: WhatIfItemDto[];

  @ApiProperty({ required: false, description: 'Over all pages.', type: ComparisonDto })
  readonly totals?: ComparisonDto;

  @ApiProperty({ required: false, description: 'What would have been refused, by code.', type: [RefusedDto] })
  readonly refused?: RefusedDto[];

  @ApiProperty({
    required: false,
    description: 'The cursor of the next page; null on the last one.',
    type: String,
    nullable: true,
  })
  readonly next?: string | null;
}
