import { IsAccount } from '@meterbook/http/request/value-decorators';
import { OccurredAt } from '../engine/commands/request-parts';

/** An account to open. */
export class OpenAccountBody {
  @IsAccount('The account, unique on its platform.')
  readonly account!: string;

  @OccurredAt()
  readonly occurredAt?: string;
}
