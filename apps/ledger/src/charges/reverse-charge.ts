import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { reversalAnswer, type ReversalAnswer } from '@meterbook/domain/account/answers';
import { reverseCharge, type Reversal } from '@meterbook/domain/account/charging/reverse';
import type { Written } from '@meterbook/http/request/written';
import { AccountCommands, type SentCommand } from '../engine/commands/account-commands';
import { Accounts } from '../engine/accounts';

/** A charge is undone by an entry of its own. */
export class ReverseCharge extends Command<Written<ReversalAnswer>> {
  constructor(
    readonly command: SentCommand,
    readonly reversal: Omit<Reversal, 'time'>,
  ) {
    super();
  }
}

@CommandHandler(ReverseCharge)
export class ReverseChargeHandler implements ICommandHandler<ReverseCharge> {
  constructor(
    private readonly commands: AccountCommands,
    private readonly accounts: Accounts,
  ) {}

  execute({ command, reversal }: ReverseCharge): Promise<Written<ReversalAnswer>> {
    return this.commands.execute(
      command,
      // Looked for at every attempt: a charge that was not there may have been booked by whoever won the race.
      async (loaded, { time }) => {
        const found = await this.accounts.findCharge(loaded, reversal.source, reversal.id);
        return reverseCharge(loaded.account, { ...reversal, time }, found);
      },
      this.commands.once('UsageReversed', reversalAnswer),
    );
  }
}
