import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { rechargeAnswer, type RechargeAnswer } from '@meterbook/domain/account/answers';
import { receiveRecharge, type Recharge } from '@meterbook/domain/account/wallet/recharge';
import type { Written } from '@meterbook/http/request/written';
import { AccountCommands, type SentCommand } from '../engine/commands/account-commands';

/** A payment is credited to a wallet. */
export class ReceiveRecharge extends Command<Written<RechargeAnswer>> {
  constructor(
    readonly command: SentCommand,
    readonly recharge: Omit<Recharge, 'time'>,
  ) {
    super();
  }
}

@CommandHandler(ReceiveRecharge)
export class ReceiveRechargeHandler implements ICommandHandler<ReceiveRecharge> {
  constructor(private readonly commands: AccountCommands) {}

  execute({ command, recharge }: ReceiveRecharge): Promise<Written<RechargeAnswer>> {
    return this.commands.execute(
      command,
      ({ account }, { time, rulebooks }) => receiveRecharge(account, { ...recharge, time }, rulebooks),
      this.commands.once('WalletRecharged', rechargeAnswer),
    );
  }
}
