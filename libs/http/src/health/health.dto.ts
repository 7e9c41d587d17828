import { ApiProperty } from '@nestjs/swagger';
import type { NamedIndication } from './health';

export class LivenessDto {
  @ApiProperty({ enum: ['up'], description: 'It answers, so it is up.' })
  readonly status!: 'up';
}

class IndicationDto implements NamedIndication {
  @ApiProperty({ description: 'Which part of the process.', example: 'event-store' })
  readonly name!: string;

  @ApiProperty({ description: 'Whether it does its work.' })
  readonly up!: boolean;

  @ApiProperty({ description: 'How it is, in a sentence.', example: 'It is up.' })
  readonly detail!: string;

  @ApiProperty({
    required: false,
    description: 'Records or events that it has still to work off; absent where it works none off.',
    example: 0,
  })
  readonly behind?: number;
}

export class ReadinessDto {
  @ApiProperty({ enum: ['up', 'down'], description: 'Up where every part is.' })
  readonly status!: 'up' | 'down';

  @ApiProperty({ type: [IndicationDto], description: 'Every part, by name.' })
  readonly indicators!: readonly IndicationDto[];
}
