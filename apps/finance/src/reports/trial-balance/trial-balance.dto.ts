import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { AxesDto, AxesQuery } from '../axes.dto';
import { IsInstant, MayBeAbsent } from '@meterbook/http/request/value-decorators';

export class TrialBalanceQuery extends AxesQuery {
  @MayBeAbsent()
  @IsInstant(
    'All that was booked (or had occurred) by this instant, itself included; when absent everything that is booked, as of now. By occurred at on a quarter of an hour.',
  )
  readonly asOf?: string;

  @MayBeAbsent()
  @IsIn(['control'], { message: 'must be control' })
  @ApiProperty({
    enum: ['control'],
    description: 'Adds up each kind of per-account line, such as `liabilities:wallet:*`.',
  })
  readonly rollup?: 'control';
}

export class BalanceDto {
  @ApiProperty({ example: 'CNY' })
  readonly commodity!: string;

  @ApiProperty({ description: 'Gross turnover, what time alone changed included.', example: '100' })
  readonly debit!: string;

  @ApiProperty({ description: 'Gross turnover, what time alone changed included.', example: '2.4' })
  readonly credit!: string;

  @ApiProperty({ description: 'Debit less credit.', example: '97.6' })
  readonly balance!: string;
}

export class TrialBalanceLineDto extends BalanceDto {
  @ApiProperty({ example: 'liabilities:wallet:acct-42' })
  readonly ledgerAccount!: string;
}

export class DamagedAccountsDto {
  @ApiProperty({ description: 'How many there are.' })
  readonly count!: number;

  @ApiProperty({ type: [String], description: 'The first hundred of them, by name.' })
  readonly accounts!: readonly string[];
}

export class TrialBalanceDto extends AxesDto {
  @ApiProperty({ format: 'date-time' })
  readonly asOf!: string;

  @ApiProperty({ description: 'How far along the store the projection had come.' })
  readonly position!: string;

  @ApiProperty({ type: String, nullable: true, format: 'date-time', description: 'The same as `completeTo`.' })
  readonly watermark!: string | null;

  @ApiProperty({
    required: false,
    type: DamagedAccountsDto,
    description:
      'Accounts whose streams cannot be read: what they booked later is not in it. Absent where there are none.',
  })
  readonly damaged?: DamagedAccountsDto;

  @ApiProperty({ type: [TrialBalanceLineDto] })
  readonly lines!: readonly TrialBalanceLineDto[];

  @ApiProperty({ type: [BalanceDto], description: 'One for each commodity; every balance is zero.' })
  readonly totals!: readonly BalanceDto[];
}
