import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { grantAnswer, type GrantAnswer } from '@meterbook/domain/account/answers';
import { grantCredit, type Grant } from '@meterbook/domain/account/wallet/grant';
import type { Written } from '@meterbook/http/request/written';
import { AccountCommands, type SentCommand } from '../engine/commands/account-commands';

/** An account is given credit, or claims its starter grant. */
export class GrantCredit extends Command<Written<GrantAnswer>> {
  constructor(
    readonly command: SentCommand,
    readonly grant: Omit<Grant, 'time'>,
  ) {
    super();
  }
}

@CommandHandler(GrantCredit)
export class GrantCreditHandler implements ICommandHandler<GrantCredit> {
  constructor(private readonly commands: AccountCommands) {}

  execute({ command, grant }: GrantCredit): Promise<Written<GrantAnswer>> {
    return this.commands.execute(
      command,
      ({ account }, { time, rulebooks }) => grantCredit(account, { ...grant, time }, rulebooks),
      this.commands.once('CreditGranted', grantAnswer),
    );
  }
}
