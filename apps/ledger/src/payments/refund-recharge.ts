import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { refundAnswer, type RefundAnswer } from '@meterbook/domain/account/answers';
import type { Decision } from '@meterbook/domain/account/decision';
import { refundRecharge, type Refund } from '@meterbook/domain/account/payments/refund';
import { decimal } from '@meterbook/domain/amount/decimal';
import { accountStream } from '@meterbook/books/account-stream';
import { Rulebooks } from '@meterbook/books/rulebooks';
import { Problem } from '@meterbook/http/problem/problem';
import type { Written } from '@meterbook/http/request/written';
import { Clock } from '@meterbook/runtime/clock';
import { RefundReserves, type RefundReserved } from '../access/refund-reserves';
import { AccountCommands, type CommandFacts, type SentCommand } from '../engine/commands/account-commands';
import { Accounts } from '../engine/accounts';
import type { LoadedAccount } from '../engine/loaded-account';

type RefundToMake = Omit<Refund, 'time'>;

/** What is left of a recharge is paid back. */
export class RefundRecharge extends Command<Written<RefundAnswer>> {
  constructor(
    readonly command: SentCommand,
    readonly refund: RefundToMake,
  ) {
    super();
  }
}

/**
 * Sets aside first what is to be paid back, and books it then: what live holds have reserved for requests stays theirs. If it dies in
 * between, what was set aside expires.
 */
@CommandHandler(RefundRecharge)
export class RefundRechargeHandler implements ICommandHandler<RefundRecharge> {
  constructor(
    private readonly commands: AccountCommands,
    private readonly accounts: Accounts,
    private readonly reserves: RefundReserves,
    private readonly rulebooks: Rulebooks,
    private readonly clock: Clock,
  ) {}

  async execute({ command, refund }: RefundRecharge): Promise<Written<RefundAnswer>> {
    const reserved = await this.reserve(command, refund);
    if (!reserved) return this.book(command, refund);
    const { atMost, authorizationId } = reserved;
    try {
      const made = await this.book(command, { ...refund, atMost, ...(authorizationId && { authorizationId }) });
      // Somebody else has booked the same refund, with what was set aside for it there.
      if (made.repeated) await this.reserves.giveBack(command.name, command.sender, reserved);
      return made;
    } catch (error) {
      // Of any other failure nobody knows whether it was booked.
      if (error instanceof Problem) await this.reserves.giveBack(command.name, command.sender, reserved);
      throw error;
    }
  }

  /** Undefined where nothing would be paid back whatever is held: the command itself tells why. */
  private async reserve(
    { name, sender, occurredAt }: SentCommand,
    refund: RefundToMake,
  ): Promise<RefundReserved | undefined> {
    const loaded = await this.accounts.confirmed(accountStream(name));
    const rulebooks = await this.rulebooks.confirmed(name.platform);
    const decision = await this.decide(loaded, refund, { time: { occurredAt, now: this.clock.now() }, rulebooks });
    const [event] = decision.kind === 'accepted' ? decision.events : [];
    if (event?.type !== 'RechargeRefunded') return undefined;
    const { refundId, digest } = refund;
    return this.reserves.reserve(name, sender, { refundId, digest, amount: decimal(event.refunded) });
  }

  private book(command: SentCommand, refund: RefundToMake): Promise<Written<RefundAnswer>> {
    return this.commands.execute(
      command,
      (loaded, facts) => this.decide(loaded, refund, facts),
      this.commands.once('RechargeRefunded', refundAnswer),
    );
  }

  /** The recharge is looked for at every attempt: one that was not there may have been booked by whoever won the race. */
  private async decide(
    loaded: LoadedAccount,
    refund: RefundToMake,
    { time, rulebooks }: CommandFacts,
  ): Promise<Decision> {
    const recharge = await this.accounts.findRecharge(loaded, refund.rechargeId);
    return refundRecharge(loaded.account, { ...refund, time }, recharge, rulebooks);
  }
}
