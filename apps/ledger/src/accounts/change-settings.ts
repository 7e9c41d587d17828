import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Account } from '@meterbook/domain/account/account';
import type { SettingsChange } from '@meterbook/domain/account/standing/events';
import { changeSettings } from '@meterbook/domain/account/standing/settings';
import { AccountCommands, type SentCommand } from '../engine/commands/account-commands';
import { HoldReader } from '../access/hold-reader';
import type { AccountDto } from './account-view.dto';
import { displayRefusal, showAccount } from './show-account';

/** An account's settings change; what already is so stays. */
export class ChangeSettings extends Command<AccountDto> {
  constructor(
    readonly command: SentCommand,
    readonly change: SettingsChange,
    /** The currency that amounts are also shown in. */
    readonly display: string | undefined,
  ) {
    super();
  }
}

@CommandHandler(ChangeSettings)
export class ChangeSettingsHandler implements ICommandHandler<ChangeSettings> {
  constructor(
    private readonly commands: AccountCommands,
    private readonly holds: HoldReader,
  ) {}

  async execute({ command, change, display }: ChangeSettings): Promise<AccountDto> {
    const held = await this.holds.holdsOf(command.name);
    return this.commands.execute(
      command,
      ({ account }, { time, rulebooks }) =>
        displayRefusal(rulebooks, time.now, display) ?? changeSettings(account, { change, time }, rulebooks),
      ({ loaded, facts: { time, rulebooks } }) => {
        const account = loaded.account as Account;
        return showAccount(command.name, account, rulebooks, time.now, held.of(account), display);
      },
    );
  }
}
