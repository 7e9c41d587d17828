import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { disputeAnswer, type DisputeAnswer } from '@meterbook/domain/account/answers';
import { disputeRecharge, type NewDispute } from '@meterbook/domain/account/payments/dispute';
import type { Written } from '@meterbook/http/request/written';
import { AccountCommands, type SentCommand } from '../engine/commands/account-commands';
import { Accounts } from '../engine/accounts';

/** A provider disputes a recharge. */
export class DisputeRecharge extends Command<Written<DisputeAnswer>> {
  constructor(
    readonly command: SentCommand,
    readonly dispute: Omit<NewDispute, 'time'>,
  ) {
    super();
  }
}

@CommandHandler(DisputeRecharge)
export class DisputeRechargeHandler implements ICommandHandler<DisputeRecharge> {
  constructor(
    private readonly commands: AccountCommands,
    private readonly accounts: Accounts,
  ) {}

  execute({ command, dispute }: DisputeRecharge): Promise<Written<DisputeAnswer>> {
    return this.commands.execute(
      command,
      // Looked for at every attempt: a recharge that was not there may have been booked by whoever won the race.
      async (loaded, { time, rulebooks }) => {
        const recharge = await this.accounts.findRecharge(loaded, dispute.rechargeId);
        return disputeRecharge(loaded.account, { ...dispute, time }, recharge, rulebooks);
      },
      this.commands.once('RechargeDisputed', disputeAnswer),
    );
  }
}
