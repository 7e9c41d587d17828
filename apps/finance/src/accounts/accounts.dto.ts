import { ApiProperty } from '@nestjs/swagger';
import { IsIn, Matches } from 'class-validator';
import { Cursor } from '@meterbook/http/request/cursor';
import { IsPageLimit } from '@meterbook/http/request/page-limit';
import { IsCursor, MayBeAbsent } from '@meterbook/http/request/value-decorators';

export const accountsCursor = new Cursor('accounts', { account: 'text' });

export class AccountsQuery {
  @MayBeAbsent()
  @Matches(/^(?:[A-Za-z0-9][A-Za-z0-9._:@-]{0,127})?$/, { message: 'must be how the name of an account may begin' })
  @ApiProperty({ example: 'acct-', description: 'Only accounts whose names begin like this.' })
  readonly prefix?: string;

  @MayBeAbsent()
  @IsIn(['true', 'false'], { message: 'must be true or false' })
  @ApiProperty({ enum: ['true', 'false'], description: 'Only accounts that owe something.' })
  readonly owing?: 'true' | 'false';

  @MayBeAbsent()
  @IsCursor(accountsCursor)
  readonly cursor?: string;

  @IsPageLimit()
  readonly limit?: string;
}

class PoolCreditsDto {
  @ApiProperty({ example: '0' })
  readonly main!: string;

  @ApiProperty({ example: '0' })
  readonly backup!: string;
}

class AccountFiguresDto {
  @ApiProperty({ example: 'acct-42' })
  readonly account!: string;

  @ApiProperty({ type: String, nullable: true, example: 'CNY', description: 'Null while nothing was booked for it.' })
  readonly currency!: string | null;

  @ApiProperty({ description: 'What the wallet holds, with what has expired taken off.', example: '110' })
  readonly wallet!: string;

  @ApiProperty({ description: 'What of the wallet disputes have frozen.', example: '0' })
  readonly frozen!: string;

  @ApiProperty({ description: 'What the account owes.', example: '0' })
  readonly receivable!: string;

  @ApiProperty({ description: 'Subscription fees that are not earned yet.', example: '0' })
  readonly deferred!: string;

  @ApiProperty({ type: PoolCreditsDto, description: 'Credits of the pools, those of renewals that wait included.' })
  readonly pools!: PoolCreditsDto;
}

export class AccountPageDto {
  @ApiProperty({ format: 'date-time', description: 'As of when what time alone changes is derived: now.' })
  readonly asOf!: string;

  @ApiProperty({ type: String, nullable: true, format: 'date-time', description: 'What was booked before it is in.' })
  readonly completeTo!: string | null;

  @ApiProperty({ type: [AccountFiguresDto], description: 'By name.' })
  readonly items!: readonly AccountFiguresDto[];

  @ApiProperty({ type: String, nullable: true, description: 'The `cursor` of the next page; null on the last.' })
  readonly next!: string | null;
}
