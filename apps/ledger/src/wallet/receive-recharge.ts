import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { rechargeAnswer, type RechargeAnswer } from '@meterbook/domain/account/answers';
import { receiveRecharge } from '@meterbook/domain/account/wallet/recharge';
import { decimal } from '@meterbook/domain/amount/decimal';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { bodyDigest } from '@meterbook/http/request/body-digest';
import type { Written } from '@meterbook/http/request/written';
import { AccountCommands } from '../engine/commands/account-commands';
import type { AccountName } from '@meterbook/books/account-stream';
import type { RechargeBody } from './receive-recharge.dto';

/** A payment is credited to a wallet. */
export class ReceiveRecharge extends Command<Written<RechargeAnswer>> {
  constructor(
    readonly name: AccountName,
    readonly body: RechargeBody,
    readonly sender: EventMetadata,
  ) {
    super();
  }
}

@CommandHandler(ReceiveRecharge)
export class ReceiveRechargeHandler implements ICommandHandler<ReceiveRecharge> {
  constructor(private readonly commands: AccountCommands) {}

  execute({ name, body, sender }: ReceiveRecharge): Promise<Written<RechargeAnswer>> {
    const { rechargeId, provider, currency, occurredAt } = body;
    const payment = { rechargeId, provider, currency, amount: decimal(body.amount), digest: bodyDigest(body) };
    return this.commands.executeOnce(
      { name, sender, occurredAt },
      ({ account }, { time, rulebooks }) => receiveRecharge(account, { ...payment, time }, rulebooks),
      'WalletRecharged',
      rechargeAnswer,
    );
  }
}
