import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { keyAnswer } from '@meterbook/domain/account/answers';
import type { ApiKey } from '@meterbook/domain/account/account';
import { changeApiKey } from '@meterbook/domain/account/standing/keys';
import { AccountCommands, type SentCommand } from '../engine/commands/account-commands';
import type { KeyDto } from './api-key.dto';

/** An API key moves to another group. */
export class ChangeKey extends Command<KeyDto> {
  constructor(
    readonly command: SentCommand,
    readonly keyId: string,
    /** Null leaves the group to each request and its model; undefined leaves it as it is. */
    readonly group: string | null | undefined,
  ) {
    super();
  }
}

@CommandHandler(ChangeKey)
export class ChangeKeyHandler implements ICommandHandler<ChangeKey> {
  constructor(private readonly commands: AccountCommands) {}

  execute({ command, keyId, group }: ChangeKey): Promise<KeyDto> {
    return this.commands.execute(
      command,
      ({ account }, { time, rulebooks }) => {
        const current = account?.standing.keys?.get(keyId)?.group ?? null;
        return changeApiKey(account, { keyId, group: group === undefined ? current : group, time }, rulebooks);
      },
      ({ loaded: { account } }) => keyAnswer(account?.standing.keys?.get(keyId) as ApiKey),
    );
  }
}
