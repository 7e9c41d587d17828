import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { periodAnswer, type PeriodAnswer } from '@meterbook/domain/account/subscription/answers';
import { startSubscription, type Start } from '@meterbook/domain/account/subscription/start';
import type { Written } from '@meterbook/http/request/written';
import { AccountCommands, type SentCommand } from '../engine/commands/account-commands';

/** A plan that was paid is started. */
export class StartSubscription extends Command<Written<PeriodAnswer>> {
  constructor(
    readonly command: SentCommand,
    readonly start: Omit<Start, 'time'>,
  ) {
    super();
  }
}

@CommandHandler(StartSubscription)
export class StartSubscriptionHandler implements ICommandHandler<StartSubscription> {
  constructor(private readonly commands: AccountCommands) {}

  execute({ command, start }: StartSubscription): Promise<Written<PeriodAnswer>> {
    return this.commands.execute(
      command,
      ({ account }, { time, rulebooks }) => startSubscription(account, { ...start, time }, rulebooks),
      this.commands.once('SubscriptionStarted', periodAnswer),
    );
  }
}
