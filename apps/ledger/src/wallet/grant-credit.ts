import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { grantAnswer, type GrantAnswer } from '@meterbook/domain/account/answers';
import { grantCredit } from '@meterbook/domain/account/wallet/grant';
import { decimal } from '@meterbook/domain/amount/decimal';
import { instantMs } from '@meterbook/domain/time/instant';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { bodyDigest } from '@meterbook/http/request/body-digest';
import type { Written } from '@meterbook/http/request/written';
import { AccountCommands } from '../engine/commands/account-commands';
import type { AccountName } from '@meterbook/books/account-stream';
import type { GrantBody } from './grant-credit.dto';

/** An account is given credit, or claims its starter grant. */
export class GrantCredit extends Command<Written<GrantAnswer>> {
  constructor(
    readonly name: AccountName,
    readonly body: GrantBody,
    readonly sender: EventMetadata,
  ) {
    super();
  }
}

@CommandHandler(GrantCredit)
export class GrantCreditHandler implements ICommandHandler<GrantCredit> {
  constructor(private readonly commands: AccountCommands) {}

  execute({ name, body, sender }: GrantCredit): Promise<Written<GrantAnswer>> {
    const { grantId, amount, reason, occurredAt } = body;
    const expiresAt = body.expiresAt ?? null;
    const grant = {
      grantId,
      amount: amount === undefined ? null : decimal(amount),
      reason,
      expiresAt: expiresAt === null ? null : instantMs(expiresAt),
      digest: bodyDigest(body),
    };
    return this.commands.executeOnce(
      { name, sender, occurredAt },
      ({ account }, { time, rulebooks }) => grantCredit(account, { ...grant, time }, rulebooks),
      'CreditGranted',
      grantAnswer,
    );
  }
}
