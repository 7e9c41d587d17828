import { decimal } from '../../amount/decimal';
import { highestEarned } from '../../rulebook/tiers';
import { storedInstant } from '../../time/instant';
import { promote } from '../../tier/promote';
import { newTierState } from '../../tier/tier';
import type { Account } from '../account';
import type { TierChanged } from '../standing/events';
import type { WalletRecharged } from '../wallet/events';
import type { SupposedRules } from './supposed-rules';
import { SUPPOSED_VERSION } from './supposed-rules';

/** A promotion as the books have it. */
export interface BookedPromotion {
  /** Its revision in the `tier-` stream. */
  readonly tierRevision: number;
  /** Revision, in the account's stream, of the recharge that earned it. */
  readonly rechargeRevision: number;
  /** When that recharge occurred, milliseconds since 1970. */
  readonly occurredAt: number;
  readonly earned: readonly string[];
}

/**
 * Which tiers recharges earn by a supposed rulebook, and when they take effect: what a recharge earned in the books too does so where it
 * did there, everything else at once.
 */
export class PromotionsAgain {
  /** Tiers that wait for the booked promotion of this revision. */
  private readonly waiting = new Map<number, readonly string[]>();
  /** Earned by rules that are not supposed: they take effect where the books say. */
  private readonly earnedBefore: readonly string[];
  private readonly byRecharge: ReadonlyMap<number, BookedPromotion>;

  constructor(
    private readonly rules: SupposedRules,
    booked: readonly BookedPromotion[],
  ) {
    this.byRecharge = new Map(booked.map((promotion) => [promotion.rechargeRevision, promotion]));
    this.earnedBefore = booked.filter((each) => !rules.isSupposed(each.occurredAt)).flatMap(({ earned }) => earned);
  }

  /** What a recharge under the supposed rules, which the account has taken in, brings at once; undefined for nothing. */
  earnedBy(account: Account, recharge: WalletRecharged, bookedRevision: number): TierChanged | undefined {
    const { standing, revision } = account;
    const before = [...this.earnedBefore, ...[...this.waiting.values()].flat(), ...standing.earnedTiers];
    const { count, largest, cumulative } = recharge.recharges;
    const promoted = promote(
      { ...newTierState, earned: before },
      {
        rechargeId: recharge.rechargeId,
        revision,
        occurredAt: storedInstant(recharge.occurredAt),
        amount: decimal(recharge.credited),
        totals: { count, largest: decimal(largest), cumulative: decimal(cumulative) },
      },
      this.rules.ofCommand(storedInstant(recharge.occurredAt), SUPPOSED_VERSION),
    );
    if (promoted?.earned === undefined) return undefined;
    const inBooks = this.byRecharge.get(bookedRevision);
    const later = promoted.earned.filter((tier) => inBooks?.earned.includes(tier) === true);
    if (inBooks !== undefined && later.length > 0) this.waiting.set(inBooks.tierRevision, later);
    const atOnce = promoted.earned.filter((tier) => !later.includes(tier));
    return this.changed(account, atOnce, recharge.occurredAt, standing.tierRevision);
  }

  /** What of a booked promotion was earned under the supposed rules too; undefined for nothing. */
  takenEffect(account: Account, { tierRevision, occurredAt }: TierChanged): TierChanged | undefined {
    const earned = this.waiting.get(tierRevision) ?? [];
    this.waiting.delete(tierRevision);
    return this.changed(account, earned, occurredAt, tierRevision);
  }

  private changed(
    { standing }: Account,
    earned: readonly string[],
    occurredAt: string,
    tierRevision: number,
  ): TierChanged | undefined {
    if (earned.length === 0) return undefined;
    const { rulebook } = this.rules.version(SUPPOSED_VERSION);
    return {
      type: 'TierChanged',
      occurredAt,
      from: highestEarned(rulebook, standing.earnedTiers),
      to: highestEarned(rulebook, standing.earnedTiers, ...earned),
      earned,
      tierRevision,
    };
  }
}
