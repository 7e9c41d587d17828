import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { MayBeAbsent } from '@meterbook/http/request/value-decorators';
import { bases, IsZone, type Basis } from './axes';

/** The axes that every report takes. */
export class AxesQuery {
  @MayBeAbsent()
  @IsIn(bases, { message: 'must be booked or occurred' })
  @ApiProperty({
    enum: bases,
    description:
      'Which time says what is in it, and orders it: when it was booked (the default: a report about the past never changes), or when it occurred.',
  })
  readonly basis?: Basis;

  @MayBeAbsent()
  @IsZone()
  @ApiProperty({
    example: 'Asia/Shanghai',
    description: 'It is echoed: there are no days to cut here. UTC when absent.',
  })
  readonly zone?: string;
}

/** What every report says of its axes. */
export class AxesDto {
  @ApiProperty({ enum: bases })
  readonly basis!: Basis;

  @ApiProperty({ example: 'UTC' })
  readonly zone!: string;

  @ApiProperty({ type: String, nullable: true, format: 'date-time', description: 'What was booked before it is in.' })
  readonly completeTo!: string | null;

  @ApiProperty({
    description:
      'Booked and complete: the same question will never have another answer. False without an end where something may still come or is dated ahead of now, and while an account in it is damaged.',
  })
  readonly final!: boolean;
}
