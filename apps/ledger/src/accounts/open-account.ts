import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Account } from '@meterbook/domain/account/account';
import { openAccount } from '@meterbook/domain/account/standing/open';
import { Written } from '@meterbook/http/request/written';
import { AccountCommands, type SentCommand } from '../engine/commands/account-commands';
import { HoldReader } from '../access/hold-reader';
import type { AccountDto } from './account-view.dto';
import { displayRefusal, showAccount } from './show-account';

/** An account is opened; one that is open stays as it is. */
export class OpenAccount extends Command<Written<AccountDto>> {
  constructor(
    readonly command: SentCommand,
    /** The currency that amounts are also shown in. */
    readonly display: string | undefined,
  ) {
    super();
  }
}

@CommandHandler(OpenAccount)
export class OpenAccountHandler implements ICommandHandler<OpenAccount> {
  constructor(
    private readonly commands: AccountCommands,
    private readonly holds: HoldReader,
  ) {}

  async execute({ command, display }: OpenAccount): Promise<Written<AccountDto>> {
    const held = await this.holds.holdsOf(command.name);
    return this.commands.execute(
      command,
      ({ account }, { time, rulebooks }) =>
        displayRefusal(rulebooks, time.now, display) ?? openAccount(account, time, rulebooks),
      ({ decision, loaded, facts: { time, rulebooks } }) => {
        const account = loaded.account as Account;
        const view = showAccount(command.name, account, rulebooks, time.now, held.of(account), display);
        return new Written(view, decision.kind === 'repeated' || decision.events.length === 0);
      },
    );
  }
}
