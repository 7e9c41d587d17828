import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { parseAuthorizationId } from '@meterbook/domain/access/authorization-id';
import { holdOf } from '@meterbook/domain/access/hold-book';
import { releaseHold } from '@meterbook/domain/access/release';
import type { AccountName } from '@meterbook/books/account-stream';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { Problem } from '@meterbook/http/problem/problem';
import { unknownAccount } from '../refusals';
import { HoldCommands } from './hold-commands';

/** What was set aside for a request is given back: it is not served. */
export class ReleaseAuthorization extends Command<undefined> {
  constructor(
    readonly name: AccountName,
    readonly sender: EventMetadata,
    readonly authorizationId: string,
  ) {
    super();
  }
}

@CommandHandler(ReleaseAuthorization)
export class ReleaseAuthorizationHandler implements ICommandHandler<ReleaseAuthorization> {
  constructor(private readonly commands: HoldCommands) {}

  async execute({ name, sender, authorizationId }: ReleaseAuthorization): Promise<undefined> {
    const hold = await this.find(name, authorizationId);
    return this.commands.execute('release', {
      name,
      sender,
      requestId: null,
      decide: ({ account, book, now }) => ({
        event: account === undefined || hold === undefined ? null : releaseHold(book, hold, now),
        answer: () => {
          if (account === undefined) throw unknownAccount(name.account);
          if (hold === undefined)
            throw new Problem('unknown_authorization', `The account has no authorization ${authorizationId}.`);
          return undefined;
        },
      }),
    });
  }

  /** Where the hold of an authorization stands, whatever became of it since. One of a refund is none. */
  private async find(name: AccountName, authorizationId: string): Promise<number | undefined> {
    const parts = parseAuthorizationId(authorizationId);
    if (parts === undefined) return undefined;
    const placed = await this.commands.placedAt(name, parts.hold);
    if (placed?.requestId === undefined || holdOf(placed, parts.hold).id !== authorizationId) return undefined;
    return parts.hold;
  }
}
