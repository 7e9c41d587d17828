import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { cancelAnswer, type CancelAnswer } from '@meterbook/domain/account/subscription/answers';
import { cancelSubscription } from '@meterbook/domain/account/subscription/cancel';
import { AccountCommands, type SentCommand } from '../engine/commands/account-commands';
import { unknownAccount } from '../refusals';

/** A subscription is not renewed any more. */
export class CancelSubscription extends Command<CancelAnswer> {
  constructor(readonly command: SentCommand) {
    super();
  }
}

@CommandHandler(CancelSubscription)
export class CancelSubscriptionHandler implements ICommandHandler<CancelSubscription> {
  constructor(private readonly commands: AccountCommands) {}

  execute({ command }: CancelSubscription): Promise<CancelAnswer> {
    return this.commands.execute(
      command,
      ({ account }, { time }) => cancelSubscription(account, { time }),
      ({ loaded: { account } }) => {
        if (!account) throw unknownAccount(command.name.account);
        return cancelAnswer(account);
      },
    );
  }
}
