import { storedInstant } from '../../time/instant';
import type { DeadLetterReason } from '../../usage/usage';
import type { Account } from '../account';
import { doneKey } from '../account';
import { chargeRatable } from '../charging/charge-ratable';
import type { Charge, UsageCharged, UsageReversed } from '../charging/events';
import type { FoundCharge } from '../charging/reverse';
import type { AccountRefusal } from '../decision';
import type { AccountEvent } from '../events';
import { evolve } from '../evolve';
import type { DisputeClosed, RechargeDisputed, RechargeRefunded } from '../payments/events';
import { changeTier } from '../standing/change-tier';
import type { AccountOpened, TierChanged } from '../standing/events';
import type { WalletRecharged } from '../wallet/events';
import type { CommandEvent, LookedBack } from './command-again';
import { commandAgain } from './command-again';
import type { BookedPromotion } from './promotions-again';
import { PromotionsAgain } from './promotions-again';
import type { SupposedRules } from './supposed-rules';
import { BookedKeyGroups, usageOf } from './usage-again';

/** An event of an account's stream, as it was booked. */
export interface BookedEvent {
  readonly event: AccountEvent;
  readonly revision: number;
  /** Milliseconds since 1970. */
  readonly bookedAt: number;
  /** The request that it was written for: events of one request were decided together. */
  readonly request?: string | undefined;
}

/** A charge, or the reversal of one, at the instant when it counts. */
export interface Counted {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly charge: Charge;
  readonly reversed: boolean;
}

/** What one event counts for in the books, and what it would count for. */
export interface Again {
  readonly booked: readonly Counted[];
  readonly again: readonly Counted[];
  /** Codes of what would have been refused, once for each usage or command. */
  readonly refused: readonly (AccountRefusal | DeadLetterReason)[];
}

/** What an event looks back at and stands before everything that was decided again: whoever reads the stream finds it there. */
export type Wanted =
  | { readonly kind: 'recharge'; readonly revision: number }
  | { readonly kind: 'charge'; readonly revision: number; readonly index: number };

export interface StartedFrom {
  /** The account as booked; it is taken over and changed. Undefined where its stream begins with what is decided again. */
  readonly account: Account | undefined;
  readonly promotions: readonly BookedPromotion[];
  /** Whether the charge at a revision and index is reversed later on: only those are remembered. */
  readonly isReversed: (revision: number, index: number) => boolean;
}

interface ReversedLater {
  readonly booked: Charge;
  /** Undefined where it would not have been charged. */
  readonly again: FoundCharge | undefined;
}

/**
 * An account whose stream is decided again from some event on, in its order: asked the same, it answers by the rules that are supposed.
 * Each event is given with what `wants` asks for. It throws on what cannot be, as a fold does.
 */
export class AccountAgain {
  private account: Account | undefined;
  private readonly firstRevision: number;
  private readonly keys: BookedKeyGroups;
  private readonly promotions: PromotionsAgain;
  private readonly recharges = new Map<number, WalletRecharged>();
  private readonly reversedLater = new Map<string, ReversedLater>();
  /** The event that opened the account, while nothing but its starter grant has followed. */
  private opening: BookedEvent | undefined;

  constructor(
    private readonly rules: SupposedRules,
    private readonly start: StartedFrom,
  ) {
    this.account = start.account;
    this.firstRevision = (start.account?.revision ?? -1) + 1;
    this.keys = new BookedKeyGroups(start.account);
    this.promotions = new PromotionsAgain(rules, start.promotions);
  }

  /** What is to be read before an event can be decided; undefined for nothing. */
  wants(event: AccountEvent): Wanted | undefined {
    if (event.type === 'UsageReversed') {
      const { revision, index } = event.charge;
      return revision < this.firstRevision ? { kind: 'charge', revision, index } : undefined;
    }
    if (!looksBackAtRecharge(event)) return undefined;
    const revision = this.account?.done?.get(doneKey('recharge', event.rechargeId))?.revision;
    if (revision === undefined || this.recharges.has(revision)) return undefined;
    return { kind: 'recharge', revision };
  }

  next(booked: BookedEvent, found: LookedBack = {}): Again {
    const { event } = booked;
    this.keys.note(event);
    if (event.type === 'AccountOpened') return this.open(booked, event);
    if (event.type === 'UsageCharged') return this.charge(booked, event);
    if (event.type === 'UsageReversed') return this.reverse(booked, event, found);
    if (event.type !== 'TierChanged')
      return { ...nothing, refused: this.ask(booked, event, this.lookedBack(event, found)) };
    this.changeTier(event);
    return nothing;
  }

  private open(booked: BookedEvent, event: AccountOpened): Again {
    if (this.account !== undefined) throw new Error(`opened again at revision ${booked.revision}`);
    this.apply(event);
    this.opening = booked;
    return nothing;
  }

  private charge(booked: BookedEvent, { charges, decidedAt }: UsageCharged): Again {
    this.opening = undefined;
    const counted = charges.map((charge) => countedCharge(charge));
    if (this.account === undefined) {
      return { booked: counted, again: [], refused: charges.map(() => 'unknown_account' as const) };
    }
    const usages = charges.map((charge) => usageOf(charge, this.keys, this.rules));
    const decided = decidedAt === undefined ? undefined : storedInstant(decidedAt);
    const { event, outcomes } = chargeRatable(this.account, usages, this.rules.ofCharges(charges), decided);
    const revision = this.account.revision + 1;
    if (event !== null) this.apply(event);
    const again = event?.charges ?? [];
    const refused: DeadLetterReason[] = [];
    let index = 0;
    for (const [place, charge] of charges.entries()) {
      const outcome = outcomes[place];
      const charged = outcome?.kind === 'charged' ? again[index] : undefined;
      if (outcome?.kind === 'dead') refused.push(outcome.reason);
      if (this.start.isReversed(booked.revision, place)) {
        const found = charged && { charge: charged, revision, index };
        this.reversedLater.set(placeOf(booked.revision, place), { booked: charge, again: found });
      }
      if (charged !== undefined) index++;
    }
    return { booked: counted, again: again.map((charge) => countedCharge(charge)), refused };
  }

  private reverse(booked: BookedEvent, event: UsageReversed, found: LookedBack): Again {
    const { revision, index } = event.charge;
    const known = this.reversedLater.get(placeOf(revision, index));
    const charge = known === undefined ? found.charge : known.again;
    const bookedCharge = known?.booked ?? found.charge?.charge;
    if (bookedCharge === undefined) throw new Error(`revision ${booked.revision} reverses no charge that is known`);
    const refused = this.ask(booked, event, { charge });
    const atMs = storedInstant(event.occurredAt);
    return {
      booked: [{ atMs, charge: bookedCharge, reversed: true }],
      again: charge === undefined || refused.length > 0 ? [] : [{ atMs, charge: charge.charge, reversed: true }],
      refused,
    };
  }

  /** Asks again; the code of a refusal, or none. */
  private ask(booked: BookedEvent, event: CommandEvent, back: LookedBack): readonly AccountRefusal[] {
    const decision = commandAgain(this.account, event, booked.bookedAt, this.rules, back);
    const opening = this.opening;
    if (event.type !== 'CreditGranted' || event.grantId !== null) this.opening = undefined;
    if (decision.kind === 'refused') {
      // A recharge opens an account, and a refused one opens nothing.
      if (event.type === 'WalletRecharged' && opening !== undefined && isOfOne(opening, booked))
        this.account = undefined;
      return [decision.code];
    }
    if (decision.kind === 'accepted') for (const each of decision.events) this.take(each, booked.revision);
    return [];
  }

  private take(event: AccountEvent, bookedRevision: number): void {
    this.apply(event);
    if (event.type !== 'WalletRecharged' || this.account === undefined) return;
    this.recharges.set(this.account.revision, event);
    if (!this.rules.isSupposed(storedInstant(event.occurredAt))) return;
    const promotion = this.promotions.earnedBy(this.account, event, bookedRevision);
    if (promotion !== undefined) this.apply(promotion);
  }

  private changeTier(event: TierChanged): void {
    if (this.account === undefined) return;
    if (this.rules.isSupposed(storedInstant(event.occurredAt))) {
      const promotion = this.promotions.takenEffect(this.account, event);
      if (promotion !== undefined) this.apply(promotion);
      return;
    }
    const change = { ...event, occurredAt: storedInstant(event.occurredAt) };
    const decision = changeTier(this.account, change);
    if (decision.kind === 'accepted') for (const each of decision.events) this.apply(each);
  }

  private lookedBack(event: CommandEvent, found: LookedBack): LookedBack {
    if (!looksBackAtRecharge(event)) return found;
    const revision = this.account?.done?.get(doneKey('recharge', event.rechargeId))?.revision;
    const known = revision === undefined ? undefined : this.recharges.get(revision);
    return { recharge: known ?? found.recharge };
  }

  private apply(event: AccountEvent): void {
    this.account = evolve(this.account, event, (this.account?.revision ?? -1) + 1);
  }
}

const nothing: Again = { booked: [], again: [], refused: [] };

function looksBackAtRecharge(event: AccountEvent): event is RechargeRefunded | RechargeDisputed | DisputeClosed {
  return event.type === 'RechargeRefunded' || event.type === 'RechargeDisputed' || event.type === 'DisputeClosed';
}

/** Whether two events were decided together, by one request. */
function isOfOne(one: BookedEvent, other: BookedEvent): boolean {
  return one.bookedAt === other.bookedAt && one.request === other.request && occurredAt(one) === occurredAt(other);
}

function occurredAt({ event }: BookedEvent): string | undefined {
  return 'occurredAt' in event ? event.occurredAt : undefined;
}

function placeOf(revision: number, index: number): string {
  return `${revision}/${index}`;
}

function countedCharge(charge: Charge): Counted {
  return { atMs: storedInstant(charge.occurredAt), charge, reversed: false };
}
