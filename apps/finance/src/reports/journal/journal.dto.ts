import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { CheckedBy, IsInstant, MayBeAbsent } from '@meterbook/http/request/value-decorators';
import type { ValueCheck } from '@meterbook/messages/reading/value-check';
import { IsZone } from '../axes';

const entryNumber: ValueCheck = (value) =>
  typeof value === 'string' && /^(0|[1-9][0-9]{0,14})$/.test(value)
    ? undefined
    : { code: 'invalid_value', detail: 'must be the number of an entry' };

export class JournalQuery {
  @MayBeAbsent()
  @IsIn(['booked', 'occurred'], { message: 'must be booked or occurred' })
  @ApiProperty({ enum: ['booked', 'occurred'], description: 'Which time says what is in it. Booked when absent.' })
  readonly basis?: 'booked' | 'occurred';

  @MayBeAbsent()
  @IsInstant('The first instant; from the beginning when absent.')
  readonly from?: string;

  @MayBeAbsent()
  @IsInstant('The end, itself not part of it; when absent everything that is booked, derived as of now.')
  readonly to?: string;

  @MayBeAbsent()
  @IsZone()
  @ApiProperty({ example: 'Asia/Shanghai', description: 'Whose clocks say the day of an entry. UTC when absent.' })
  readonly zone?: string;

  @MayBeAbsent()
  @IsIn(['csv', 'hledger'], { message: 'must be csv or hledger' })
  @ApiProperty({ enum: ['csv', 'hledger'], description: 'CSV when absent.' })
  readonly format?: 'csv' | 'hledger';

  @MayBeAbsent()
  @CheckedBy('isEntryNumber', entryNumber)
  @ApiProperty({
    type: 'integer',
    description: 'The last `entry` received: it goes on after it, without a header, so that both parts are one text.',
  })
  readonly cursor?: string;
}
