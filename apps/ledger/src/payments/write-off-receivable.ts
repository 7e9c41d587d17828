import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { writeOffAnswer, type WriteOffAnswer } from '@meterbook/domain/account/answers';
import { writeOff, type WriteOff } from '@meterbook/domain/account/payments/write-off';
import type { Written } from '@meterbook/http/request/written';
import { AccountCommands, type SentCommand } from '../engine/commands/account-commands';

/** A part of what an account owes is given up. */
export class WriteOffReceivable extends Command<Written<WriteOffAnswer>> {
  constructor(
    readonly command: SentCommand,
    readonly lost: Omit<WriteOff, 'time'>,
  ) {
    super();
  }
}

@CommandHandler(WriteOffReceivable)
export class WriteOffReceivableHandler implements ICommandHandler<WriteOffReceivable> {
  constructor(private readonly commands: AccountCommands) {}

  execute({ command, lost }: WriteOffReceivable): Promise<Written<WriteOffAnswer>> {
    return this.commands.execute(
      command,
      ({ account }, { time, rulebooks }) => writeOff(account, { ...lost, time }, rulebooks),
      this.commands.once('ReceivableWrittenOff', writeOffAnswer),
    );
  }
}
