import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { reversalAnswer, type ReversalAnswer } from '@meterbook/domain/account/answers';
import { reverseCharge } from '@meterbook/domain/account/charging/reverse';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { bodyDigest } from '@meterbook/http/request/body-digest';
import type { Written } from '@meterbook/http/request/written';
import { AccountCommands } from '../engine/commands/account-commands';
import type { AccountName } from '@meterbook/books/account-stream';
import { Accounts } from '../engine/accounts';
import type { ReversalBody } from './reverse-charge.dto';

/** A charge is undone by an entry of its own. */
export class ReverseCharge extends Command<Written<ReversalAnswer>> {
  constructor(
    readonly name: AccountName,
    readonly body: ReversalBody,
    readonly sender: EventMetadata,
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

  execute({ name, body, sender }: ReverseCharge): Promise<Written<ReversalAnswer>> {
    const { reversalId, source, id, reason, occurredAt } = body;
    const reversal = { reversalId, source, id, reason, digest: bodyDigest(body) };
    return this.commands.executeOnce(
      { name, sender, occurredAt },
      // Looked for at every attempt: a charge that was not there may have been booked by whoever won the race.
      async (loaded, { time }) => {
        const found = await this.accounts.findCharge(loaded, source, id);
        return reverseCharge(loaded.account, { ...reversal, time }, found);
      },
      'UsageReversed',
      reversalAnswer,
    );
  }
}
