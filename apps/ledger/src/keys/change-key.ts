import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { keyAnswer } from '@meterbook/domain/account/answers';
import type { ApiKey } from '@meterbook/domain/account/account';
import { changeApiKey, type KeyChange } from '@meterbook/domain/account/standing/keys';
import { AccountCommands, type SentCommand } from '../engine/commands/account-commands';
import type { KeyDto } from './api-key.dto';

/** An API key moves to another group, or gets other labels. */
export class ChangeKey extends Command<KeyDto> {
  constructor(
    readonly command: SentCommand,
    readonly change: Omit<KeyChange, 'time'>,
  ) {
    super();
  }
}

@CommandHandler(ChangeKey)
export class ChangeKeyHandler implements ICommandHandler<ChangeKey> {
  constructor(private readonly commands: AccountCommands) {}

  execute({ command, change }: ChangeKey): Promise<KeyDto> {
    return this.commands.execute(
      command,
      ({ account }, { time, rulebooks }) => changeApiKey(account, { ...change, time }, rulebooks),
      ({ loaded: { account } }) => keyAnswer(account?.standing.keys?.get(change.keyId) as ApiKey),
    );
  }
}
