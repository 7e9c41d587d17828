import { ApiProperty } from '@nestjs/swagger';
import { FRACTION } from '@meterbook/http/openapi/to-openapi-31';

class DamagedStreamDto {
  @ApiProperty({ example: 'account-shop/a' })
  readonly stream!: string;

  @ApiProperty({ description: 'What is wrong with it.' })
  readonly detail!: string;
}

export class DamagedDto {
  @ApiProperty({ description: 'How many there are.' })
  readonly count!: number;

  @ApiProperty({ type: [DamagedStreamDto], description: 'The first hundred of them.' })
  readonly streams!: readonly DamagedStreamDto[];
}

export class ProjectionDto {
  @ApiProperty({ example: 'trial-balance' })
  readonly name!: string;

  @ApiProperty({ description: 'Every event at or before this position of the store is in it.' })
  readonly position!: string;

  @ApiProperty({ description: 'Events folded so far.' })
  readonly events!: number;

  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'How far it is behind the store, in milliseconds; null before it has started.',
  })
  readonly behindMs!: number | null;

  @ApiProperty({ required: false, description: 'Why it does not move on; absent where it does.' })
  readonly failure?: string;

  @ApiProperty({
    required: false,
    type: DamagedDto,
    description: 'The streams that cannot be read and that it stands without; absent where there are none.',
  })
  readonly damaged?: DamagedDto;
}

export class ProjectionPageDto {
  @ApiProperty({ type: [ProjectionDto], description: 'All of them: there are few.' })
  readonly items!: readonly ProjectionDto[];

  @ApiProperty({
    description: 'The cursor of the next page; null, since there is one page.',
    type: String,
    nullable: true,
  })
  readonly next!: string | null;
}

export class RebuildRequestedDto {
  @ApiProperty({ description: 'Ask for its progress under this id. A rebuild that is under way answers for itself.' })
  readonly rebuildId!: string;
}

class DifferenceDto {
  @ApiProperty()
  readonly table!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The row of the old set, as JSON; null where it has none.',
  })
  readonly live!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The row of the new set, as JSON; null where it has none.',
  })
  readonly rebuilt!: string | null;
}

export class RebuildDto {
  @ApiProperty()
  readonly rebuildId!: string;

  @ApiProperty()
  readonly projection!: string;

  @ApiProperty({ enum: ['running', 'swapped', 'failed'] })
  readonly state!: 'running' | 'swapped' | 'failed';

  @ApiProperty({ description: 'How far the new set has come.' })
  readonly position!: string;

  @ApiProperty({ description: 'How far the old set has come.' })
  readonly target!: string;

  @ApiProperty({ minimum: 0, maximum: 1, format: FRACTION, description: 'How much of the way it has come.' })
  readonly progress!: number;

  @ApiProperty({ type: Number, nullable: true, description: 'Events folded into the new set; null before the first.' })
  readonly events!: number | null;

  @ApiProperty({ type: Number, nullable: true, description: 'Of them in a second, on average since it began.' })
  readonly eventsPerSecond!: number | null;

  @ApiProperty({ type: Number, nullable: true, description: 'Milliseconds that the rest takes at that rate.' })
  readonly remainingMs!: number | null;

  @ApiProperty({
    type: Boolean,
    nullable: true,
    description:
      'Whether old and new were the same at the same position; null before that is known, and where a stream could not be read.',
  })
  readonly identical!: boolean | null;

  @ApiProperty({ type: Number, nullable: true })
  readonly rows!: number | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'SHA-256, hex, of the new rows in the order of their keys.',
  })
  readonly checksum!: string | null;

  @ApiProperty({ type: DifferenceDto, nullable: true, description: 'The first row that differs.' })
  readonly difference!: DifferenceDto | null;

  @ApiProperty({ type: String, nullable: true, description: 'Why it failed, or which streams it stands without.' })
  readonly detail!: string | null;
}
