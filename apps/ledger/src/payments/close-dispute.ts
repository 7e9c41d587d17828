import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { disputeLostAnswer, disputeWonAnswer } from '@meterbook/domain/account/answers';
import type { DisputeLostAnswer, DisputeWonAnswer } from '@meterbook/domain/account/answers';
import { closeDispute, type DisputeClosing } from '@meterbook/domain/account/payments/close-dispute';
import type { Written } from '@meterbook/http/request/written';
import { AccountCommands, type Decide, type SentCommand } from '../engine/commands/account-commands';
import { Accounts } from '../engine/accounts';

/** A dispute was won: its money thaws. */
export class WinDispute extends Command<Written<DisputeWonAnswer>> {
  constructor(
    readonly command: SentCommand,
    readonly closing: Omit<DisputeClosing, 'time'>,
  ) {
    super();
  }
}

/** A dispute was lost: its money is taken back. */
export class LoseDispute extends Command<Written<DisputeLostAnswer>> {
  constructor(
    readonly command: SentCommand,
    readonly closing: Omit<DisputeClosing, 'time'>,
  ) {
    super();
  }
}

@CommandHandler(WinDispute)
export class WinDisputeHandler implements ICommandHandler<WinDispute> {
  constructor(
    private readonly commands: AccountCommands,
    private readonly accounts: Accounts,
  ) {}

  execute({ command, closing }: WinDispute): Promise<Written<DisputeWonAnswer>> {
    const decide = closingBy(this.accounts, closing);
    return this.commands.execute(command, decide, this.commands.once('DisputeClosed', disputeWonAnswer));
  }
}

@CommandHandler(LoseDispute)
export class LoseDisputeHandler implements ICommandHandler<LoseDispute> {
  constructor(
    private readonly commands: AccountCommands,
    private readonly accounts: Accounts,
  ) {}

  execute({ command, closing }: LoseDispute): Promise<Written<DisputeLostAnswer>> {
    const decide = closingBy(this.accounts, closing);
    return this.commands.execute(command, decide, this.commands.once('DisputeClosed', disputeLostAnswer));
  }
}

function closingBy(accounts: Accounts, closing: Omit<DisputeClosing, 'time'>): Decide {
  return async (loaded, { time, rulebooks }) => {
    const recharge = await accounts.findRecharge(loaded, closing.rechargeId);
    return closeDispute(loaded.account, { ...closing, time }, recharge, rulebooks);
  };
}
