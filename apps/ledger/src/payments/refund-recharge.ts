import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { refundAnswer, type RefundAnswer } from '@meterbook/domain/account/answers';
import { refundRecharge, type Refund } from '@meterbook/domain/account/payments/refund';
import type { Written } from '@meterbook/http/request/written';
import { AccountCommands, type SentCommand } from '../engine/commands/account-commands';
import { Accounts } from '../engine/accounts';

/** What is left of a recharge is paid back. */
export class RefundRecharge extends Command<Written<RefundAnswer>> {
  constructor(
    readonly command: SentCommand,
    readonly refund: Omit<Refund, 'time'>,
  ) {
    super();
  }
}

@CommandHandler(RefundRecharge)
export class RefundRechargeHandler implements ICommandHandler<RefundRecharge> {
  constructor(
    private readonly commands: AccountCommands,
    private readonly accounts: Accounts,
  ) {}

  execute({ command, refund }: RefundRecharge): Promise<Written<RefundAnswer>> {
    return this.commands.execute(
      command,
      // Looked for at every attempt: a recharge that was not there may have been booked by whoever won the race.
      async (loaded, { time, rulebooks }) => {
        const recharge = await this.accounts.findRecharge(loaded, refund.rechargeId);
        return refundRecharge(loaded.account, { ...refund, time }, recharge, rulebooks);
      },
      this.commands.once('RechargeRefunded', refundAnswer),
    );
  }
}
