import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Account } from '@meterbook/domain/account/account';
import { changeSettings } from '@meterbook/domain/account/standing/settings';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { AccountCommands } from '../engine/commands/account-commands';
import type { AccountName } from '@meterbook/books/account-stream';
import type { AccountDto } from './account-view.dto';
import { displayRefusal, showAccount } from './show-account';
import type { SettingsBody } from './change-settings.dto';

/** An account's settings change; what already is so stays. */
export class ChangeSettings extends Command<AccountDto> {
  constructor(
    readonly name: AccountName,
    readonly body: SettingsBody,
    readonly display: string | undefined,
    readonly sender: EventMetadata,
  ) {
    super();
  }
}

@CommandHandler(ChangeSettings)
export class ChangeSettingsHandler implements ICommandHandler<ChangeSettings> {
  constructor(private readonly commands: AccountCommands) {}

  execute({ name, body, display, sender }: ChangeSettings): Promise<AccountDto> {
    const { occurredAt, ...change } = body;
    return this.commands.execute(
      { name, sender, occurredAt },
      ({ account }, { time, rulebooks }) =>
        displayRefusal(rulebooks, time.now, display) ?? changeSettings(account, { change, time }, rulebooks),
      (_, { account }, { time, rulebooks }) => showAccount(name, account as Account, rulebooks, time.now, display),
    );
  }
}
