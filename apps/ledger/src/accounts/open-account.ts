import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Account } from '@meterbook/domain/account/account';
import { openAccount } from '@meterbook/domain/account/standing/open';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { Written } from '@meterbook/http/request/written';
import { AccountCommands } from '../engine/commands/account-commands';
import type { AccountDto } from './account-view.dto';
import { displayRefusal, showAccount } from './show-account';
import type { OpenAccountBody } from './open-account.dto';

/** An account is opened; one that is open stays as it is. */
export class OpenAccount extends Command<Written<AccountDto>> {
  constructor(
    readonly platform: string,
    readonly body: OpenAccountBody,
    readonly display: string | undefined,
    readonly sender: EventMetadata,
  ) {
    super();
  }
}

@CommandHandler(OpenAccount)
export class OpenAccountHandler implements ICommandHandler<OpenAccount> {
  constructor(private readonly commands: AccountCommands) {}

  execute({ platform, body, display, sender }: OpenAccount): Promise<Written<AccountDto>> {
    const { account, occurredAt } = body;
    const name = { platform, account };
    return this.commands.execute(
      { name, sender, occurredAt },
      (loaded, { time, rulebooks }) =>
        displayRefusal(rulebooks, time.now, display) ?? openAccount(loaded.account, time, rulebooks),
      (decision, loaded, { time, rulebooks }) => {
        const view = showAccount(name, loaded.account as Account, rulebooks, time.now, display);
        return new Written(view, decision.kind === 'repeated' || decision.events.length === 0);
      },
    );
  }
}
