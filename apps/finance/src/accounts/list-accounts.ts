import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { formatInstant } from '@meterbook/domain/time/instant';
import { Clock } from '@meterbook/runtime/clock';
import { ProjectionReader } from '../projections/projection-reader';
import { trialBalance } from '../projections/trial-balance/trial-balance';
import { accountNames, figuresOf, type AccountFigures, type AskedAccounts } from './account-lines';
import { accountsCursor, type AccountPageDto } from './accounts.dto';

/** Accounts that are read between two turns of whatever else this thread does. */
const ACCOUNTS_PER_TURN = 50;

/** A platform's accounts by name, with what they have and owe as of now. */
export class ListAccounts extends Query<AccountPageDto> {
  constructor(readonly asked: AskedAccounts) {
    super();
  }
}

@QueryHandler(ListAccounts)
export class ListAccountsHandler implements IQueryHandler<ListAccounts> {
  constructor(
    private readonly reader: ProjectionReader,
    private readonly clock: Clock,
  ) {}

  async execute({ asked }: ListAccounts): Promise<AccountPageDto> {
    const now = this.clock.now();
    const snapshot = this.reader.snapshot(trialBalance.name);
    if (!snapshot) return { asOf: formatInstant(now), completeTo: null, items: [], next: null };
    try {
      const { database, progress } = snapshot;
      const { accounts, next } = accountNames(database, asked);
      const items: AccountFigures[] = [];
      for (const account of accounts) {
        items.push(figuresOf(database, asked.platform, account, now));
        if (items.length % ACCOUNTS_PER_TURN === 0) await this.clock.sleep(0);
      }
      return {
        asOf: formatInstant(now),
        completeTo: progress.watermark < 0 ? null : formatInstant(progress.watermark),
        items,
        next: accountsCursor.write(next === null ? null : { account: next }),
      };
    } finally {
      snapshot.close();
    }
  }
}
