import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { periodAnswer, type PeriodAnswer } from '@meterbook/domain/account/subscription/answers';
import { renewSubscription, type Renewal } from '@meterbook/domain/account/subscription/renew';
import type { Written } from '@meterbook/http/request/written';
import { AccountCommands, type SentCommand } from '../engine/commands/account-commands';

/** The next period is paid. */
export class RenewSubscription extends Command<Written<PeriodAnswer>> {
  constructor(
    readonly command: SentCommand,
    readonly renewal: Omit<Renewal, 'time'>,
  ) {
    super();
  }
}

@CommandHandler(RenewSubscription)
export class RenewSubscriptionHandler implements ICommandHandler<RenewSubscription> {
  constructor(private readonly commands: AccountCommands) {}

  execute({ command, renewal }: RenewSubscription): Promise<Written<PeriodAnswer>> {
    return this.commands.execute(
      command,
      ({ account }, { time, rulebooks }) => renewSubscription(account, { ...renewal, time }, rulebooks),
      this.commands.once('SubscriptionRenewed', periodAnswer),
    );
  }
}
