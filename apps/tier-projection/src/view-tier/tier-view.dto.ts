import { ApiProperty } from '@nestjs/swagger';

export class NextTierDto {
  @ApiProperty({ description: 'The lowest tier above the present one that recharges lead to.', example: 'svip' })
  readonly tier!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The least single recharge that leads there; null where none does by its size.',
    example: '500',
  })
  readonly singleRechargeNeeded!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'What the cumulative recharge still lacks; null where it leads nowhere.',
    example: '200',
  })
  readonly cumulativeRechargeNeeded!: string | null;
}

export class TierDto {
  @ApiProperty({
    description: 'The highest of what was earned and what was pinned; plans are not part of it.',
    example: 'vip',
  })
  readonly tier!: string;

  @ApiProperty({ description: 'Whether an administrator has pinned a tier.' })
  readonly pinned!: boolean;

  @ApiProperty({ description: 'How often the account was recharged.' })
  readonly recharges!: number;

  @ApiProperty({ description: "The largest recharge, in the wallet's currency as credited.", example: '400' })
  readonly largestRecharge!: string;

  @ApiProperty({ description: "All recharges, in the wallet's currency as credited.", example: '800' })
  readonly cumulativeRecharge!: string;

  @ApiProperty({ type: NextTierDto, nullable: true, description: 'What leads further up; null at the top.' })
  readonly next!: NextTierDto | null;
}
