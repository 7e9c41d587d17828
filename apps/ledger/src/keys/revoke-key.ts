import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { revokeApiKey } from '@meterbook/domain/account/standing/keys';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { AccountCommands } from '../engine/commands/account-commands';
import type { AccountName } from '@meterbook/books/account-stream';

/** An API key is taken out of use, for good. */
export class RevokeKey extends Command<undefined> {
  constructor(
    readonly name: AccountName,
    readonly keyId: string,
    readonly occurredAt: string | undefined,
    readonly sender: EventMetadata,
  ) {
    super();
  }
}

@CommandHandler(RevokeKey)
export class RevokeKeyHandler implements ICommandHandler<RevokeKey> {
  constructor(private readonly commands: AccountCommands) {}

  execute({ name, keyId, occurredAt, sender }: RevokeKey): Promise<undefined> {
    return this.commands.execute(
      { name, sender, occurredAt },
      ({ account }, { time }) => revokeApiKey(account, { keyId, time }),
      () => undefined,
    );
  }
}
