import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { keyAnswer } from '@meterbook/domain/account/answers';
import { pageItems } from '@meterbook/http/request/page-limit';
import { AccountReader } from '../engine/commands/account-reader';
import type { AccountName } from '@meterbook/books/account-stream';
import { unknownAccount } from '../refusals';
import { keyCursor, type KeyPageDto, type ListKeysQuery } from './api-key.dto';

/** The API keys of an account, in the order they were issued. */
export class ListKeys extends Query<KeyPageDto> {
  constructor(
    readonly name: AccountName,
    readonly query: ListKeysQuery,
  ) {
    super();
  }
}

@QueryHandler(ListKeys)
export class ListKeysHandler implements IQueryHandler<ListKeys> {
  constructor(private readonly reader: AccountReader) {}

  async execute({ name, query }: ListKeys): Promise<KeyPageDto> {
    const { account } = await this.reader.confirmed(name);
    if (!account) throw unknownAccount(name.account);
    const after = keyCursor.markOf(query)?.issuedRevision ?? -1;
    const rest = [...(account.standing.keys?.values() ?? [])].filter(({ issuedRevision }) => issuedRevision > after);
    const page = rest.slice(0, pageItems(query));
    const last = page.at(-1);
    return {
      items: page.map((key) => ({ ...keyAnswer(key), revoked: key.revoked })),
      next: keyCursor.write(last && rest.length > page.length ? last : null),
    };
  }
}
