import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Account } from '@meterbook/domain/account/account';
import { toldCharge } from '@meterbook/domain/account/charging/charge-sentence';
import { EventStore } from '@meterbook/event-store/event-store';
import { pageItems } from '@meterbook/http/request/page-limit';
import { Clock } from '@meterbook/runtime/clock';
import { AccountReader } from '../engine/commands/account-reader';
import { accountStream, type AccountName } from '@meterbook/books/account-stream';
import type { LoadedAccount } from '../engine/loaded-account';
import { invalidParameter, unknownAccount } from '../refusals';
import { chargeCursor, type ChargeDto, type ChargePageDto, type ChargesQuery } from './charge.dto';
import { listCharges, type ChargesPage, type ListedCharge } from './list-charges';

/** The charge of one usage event, or a page of an account's charges. */
export class ViewCharges extends Query<ChargePageDto> {
  constructor(
    readonly name: AccountName,
    readonly query: ChargesQuery,
  ) {
    super();
  }
}

@QueryHandler(ViewCharges)
export class ViewChargesHandler implements IQueryHandler<ViewCharges> {
  constructor(
    private readonly store: EventStore,
    private readonly reader: AccountReader,
    private readonly clock: Clock,
  ) {}

  async execute({ name, query }: ViewCharges): Promise<ChargePageDto> {
    const { source, id } = query;
    if ((source === undefined) !== (id === undefined))
      throw invalidParameter(id === undefined ? 'id' : 'source', 'belongs beside the other half of the identity');
    const stream = accountStream(name);
    const loaded = await this.reader.confirmed(name);
    const { account } = loaded;
    if (!account) throw unknownAccount(name.account);
    if (source !== undefined && id !== undefined) return this.one(loaded, account, source, id);
    const { charges, next } = await listCharges(this.store, stream, query, pageOf(query), this.clock);
    return { charges: charges.map((listed) => toDto(listed, account)), next: chargeCursor.write(next) };
  }

  private async one(loaded: LoadedAccount, account: Account, source: string, id: string): Promise<ChargePageDto> {
    const found = await this.reader.findCharge(loaded, source, id);
    return { charges: found ? [toDto({ ...found, currency: account.currency }, account)] : [], next: null };
  }
}

const pageOf = (query: ChargesQuery): ChargesPage => ({
  before: chargeCursor.markOf(query),
  limit: pageItems(query),
});

function toDto({ charge, revision, index, currency }: ListedCharge, { reversed }: Account): ChargeDto {
  return toldCharge(charge, currency, reversed?.has(`${revision}/${index}`) ?? false);
}
