import { authorizationId } from '@meterbook/domain/access/authorization-id';
import { reserveRefund, type RefundToReserve } from '@meterbook/domain/access/reserve-refund';
import { releaseHold } from '@meterbook/domain/access/release';
import { zero, type Decimal } from '@meterbook/domain/amount/decimal';
import { storedInstant } from '@meterbook/domain/time/instant';
import type { AccountName } from '@meterbook/books/account-stream';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { bodyDigest } from '@meterbook/http/request/body-digest';
import type { HoldCommands } from './hold-commands';
import type { HoldDecided, HoldFacts } from './hold-writer';

/** What a refund may take, and the hold that keeps it from everybody else. */
export interface RefundReserved {
  /** In the wallet's currency. */
  readonly atMost: Decimal;
  /** Absent where there is nothing to set aside. */
  readonly authorizationId?: string;
  /** Revision of that hold's event. */
  readonly hold?: number;
}

/** Sets money aside for a refund before it is booked, so that no request reserves the same money in between. */
export class RefundReserves {
  constructor(private readonly commands: HoldCommands) {}

  reserve(name: AccountName, sender: EventMetadata, refund: RefundToReserve): Promise<RefundReserved> {
    const ofAccount = { ...refund, digest: bodyDigest([name.platform, name.account, 'refund', refund.digest]) };
    const decide = (facts: HoldFacts): HoldDecided<RefundReserved> => decideReserve(facts, ofAccount);
    return this.commands.execute('refund', { name, sender, requestId: null, decide });
  }

  /** Gives back what was set aside for a refund that comes to nothing. Where that fails it expires: no answer depends on it. */
  async giveBack(name: AccountName, sender: EventMetadata, { hold }: RefundReserved): Promise<void> {
    if (hold === undefined) return;
    const decide = ({ book, now }: HoldFacts): HoldDecided<undefined> => ({
      event: releaseHold(book, hold, now),
      answer: () => undefined,
    });
    await this.commands.execute('release', { name, sender, requestId: null, decide }).catch(() => undefined);
  }
}

function decideReserve({ account, book, now }: HoldFacts, refund: RefundToReserve): HoldDecided<RefundReserved> {
  if (account === undefined) return { event: null, answer: () => ({ atMost: zero }) };
  const reserve = reserveRefund(account, book, refund, now);
  switch (reserve.kind) {
    case 'nothing':
      return { event: null, answer: () => ({ atMost: zero }) };
    case 'live': {
      const { id, hold, amount } = reserve.hold;
      return { event: null, answer: () => ({ atMost: amount, authorizationId: id, hold }) };
    }
    case 'placed': {
      const { event, amount } = reserve;
      const expiresAt = storedInstant(event.expiresAt);
      const idAt = (hold: number): string => authorizationId({ hold, expiresAt }, event.digest);
      return { event, answer: (hold) => ({ atMost: amount, authorizationId: idAt(hold), hold }) };
    }
  }
}
