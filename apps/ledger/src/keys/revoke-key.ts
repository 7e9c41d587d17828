import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { revokeApiKey } from '@meterbook/domain/account/standing/keys';
import { AccountCommands, type SentCommand } from '../engine/commands/account-commands';

/** An API key is taken out of use, for good. */
export class RevokeKey extends Command<undefined> {
  constructor(
    readonly command: SentCommand,
    readonly keyId: string,
  ) {
    super();
  }
}

@CommandHandler(RevokeKey)
export class RevokeKeyHandler implements ICommandHandler<RevokeKey> {
  constructor(private readonly commands: AccountCommands) {}

  execute({ command, keyId }: RevokeKey): Promise<undefined> {
    return this.commands.execute(
      command,
      ({ account }, { time }) => revokeApiKey(account, { keyId, time }),
      () => undefined,
    );
  }
}
