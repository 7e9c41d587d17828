import type { Account } from '../../account/account';
import { chargeAnswer, grantAnswer, rechargeAnswer, reversalAnswer } from '../../account/answers';
import type { ReversalAnswer } from '../../account/answers';
import { accountAsOf } from '../../account/as-of';
import { chargeUsage } from '../../account/charging/charge';
import { reverseCharge } from '../../account/charging/reverse';
import type { Decision } from '../../account/decision';
import type { AccountEvent } from '../../account/events';
import { evolve } from '../../account/evolve';
import { changeTier } from '../../account/standing/change-tier';
import { openAccount } from '../../account/standing/open';
import { changeSettings } from '../../account/standing/settings';
import { viewAccount } from '../../account/view';
import type { BookedPromotion } from '../../account/what-if/promotions-again';
import { grantCredit } from '../../account/wallet/grant';
import { receiveRecharge } from '../../account/wallet/recharge';
import { fromSnapshot, toSnapshot } from '../../account/snapshot';
import type { Decimal } from '../../amount/decimal';
import { add, decimal, isZero, toText, zero } from '../../amount/decimal';
import type { Posting } from '../../entries/legs';
import { subscriptionPostings } from '../../entries/subscription-legs';
import { lapsedAt } from '../../entries/time-alone';
import { expiryLegs, postingsOf } from '../../entries/postings';
import { accountAfter } from '../given';
import type { PublishedRulebook } from '../../rulebook/rulebook';
import { versionInForce } from '../../rulebook/rulebook';
import type { TierPromoted } from '../../tier/events';
import { promote } from '../../tier/promote';
import type { TierState } from '../../tier/tier';
import { evolveTier, foldRecharge, rechargeFact } from '../../tier/tier';
import { chargeIn, usage } from '../commands';
import type { Ask, AskedUsage, Command, Outcome, Sent } from './asks';
import { contentOf, isAskedOfMoneyBack, isAskedOfPlans } from './asks';
import { moneyBackAnswer, toldOfMoneyBack } from './told-money-back';
import { planAnswer, toldOfPlans } from './told-plans';

/** The domain, asked as the naive books are: it decides, its events are folded, and its answers are told in the same words. */
export class ToldDomain {
  readonly events: AccountEvent[] = [];
  account: Account | undefined;
  /** Each command that wrote something, to be asked again. */
  readonly decided: ((account: Account | undefined) => Decision)[] = [];
  /** What the tier service wrote, and the same as whoever decides the account again is told. */
  readonly promoted: TierPromoted[] = [];
  readonly promotions: BookedPromotion[] = [];
  /** What the account was granted, for the usage that names one of them. */
  readonly authorizations: string[] = [];
  /** What live holds leave to be refunded; null where there are none. */
  spare: Decimal | null = null;
  private tiers: TierState | undefined;
  private heard = 0;

  constructor(private readonly rulebooks: readonly PublishedRulebook[]) {}

  ask(asked: Ask): Outcome {
    if (asked.ask === 'usage') return { is: 'charged', each: this.charged(asked.usages, asked.now) };
    if (asked.ask !== 'earn') return this.command(asked);
    this.earn();
    return { is: 'nothing' };
  }

  /** The account's view now; undefined before its opening, or before the first rulebook. */
  view(at: number): unknown {
    return this.shown(this.account, at);
  }

  /** The account's view as of a past instant. */
  viewAsOf(at: number): unknown {
    const entries = this.events.map((event, revision) => ({ event, revision }));
    return this.shown(accountAsOf(entries, at), at);
  }

  /** The balance of every ledger account and commodity at an instant; those that are not zero. */
  trialBalance(at: number): unknown {
    const balances = new Map<string, Decimal>();
    const booked = this.events.flatMap((event) => postingsOf(event, 'a'));
    const derived = this.account === undefined ? [] : derivedOf(this.account, at);
    for (const { ledgerAccount, commodity, amount } of [...booked, ...derived]) {
      const line = `${ledgerAccount} ${commodity}`;
      balances.set(line, add(balances.get(line) ?? zero, amount));
    }
    const shown = [...balances].filter(([, amount]) => !isZero(amount)).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(shown.map(([line, amount]) => [line, toText(amount)]));
  }

  /**
   * What has to hold whatever happened: asked again, nothing is done twice; and the events come to the same in one go, or from
   * a snapshot in their middle. Throws where it does not.
   */
  holdsTogether(cut: number): void {
    for (const decide of this.decided) {
      const again = decide(this.account);
      if (again.kind !== 'repeated' && !(again.kind === 'accepted' && again.events.length === 0)) {
        throw new Error(`asked again: ${JSON.stringify(again)}`);
      }
    }
    const whole = textOf(accountAfter(this.events));
    if (whole !== textOf(this.account)) throw new Error(`its events come to ${whole}, not ${textOf(this.account)}`);
    if (this.events.length < 2) return;
    const middle = 1 + (cut % (this.events.length - 1));
    const restored = fromSnapshot(JSON.parse(textOf(accountAfter(this.events.slice(0, middle)))));
    const rest = this.events.slice(middle);
    const resumed = rest.reduce((state, event, index) => evolve(state, event, middle + index), restored);
    if (textOf(resumed) !== whole)
      throw new Error(`from a snapshot at ${middle} it is ${textOf(resumed)}, not ${whole}`);
  }

  private shown(account: Account | undefined, at: number): unknown {
    const version = versionInForce(this.rulebooks, at);
    return account && version && viewAccount(account, version.rulebook, at);
  }

  private command(asked: Command & Sent): Outcome {
    const decide = this.decider(asked);
    const decision = decide(this.account);
    switch (decision.kind) {
      case 'refused':
        return { is: 'refused', code: decision.code };
      case 'repeated':
        return { is: 'repeated', answer: answerOf(this.events[decision.revision]) };
      case 'accepted':
        if (decision.events.length === 0) return { is: 'nothing' };
        this.append(decision.events);
        if (asked.ask !== 'settings' && asked.ask !== 'cancel') this.decided.push(decide);
        return { is: 'done', answer: answerOf(decision.events.at(-1)) };
    }
  }

  private decider(asked: Command & Sent): (account: Account | undefined) => Decision {
    const time = { now: asked.now, occurredAt: asked.occurredAt };
    const digest = contentOf(asked);
    const { rulebooks } = this;
    if (isAskedOfPlans(asked)) return toldOfPlans(asked, rulebooks);
    if (isAskedOfMoneyBack(asked)) return toldOfMoneyBack(asked, this.events, rulebooks, this.spare);
    switch (asked.ask) {
      case 'open':
        return (account) => openAccount(account, time, rulebooks);
      case 'recharge': {
        const { id: rechargeId, provider, amount, currency } = asked;
        const recharge = { rechargeId, provider, amount: decimal(amount), currency, digest, time };
        return (account) => receiveRecharge(account, recharge, rulebooks);
      }
      case 'grant': {
        const { id: grantId, reason, expiresAt } = asked;
        const amount = asked.amount === null ? null : decimal(asked.amount);
        return (account) => grantCredit(account, { grantId, amount, reason, expiresAt, digest, time }, rulebooks);
      }
      case 'settings':
        return (account) => changeSettings(account, { change: asked.change, time }, rulebooks);
      case 'reverse': {
        const found = chargeIn(this.events, asked.usage);
        const reversal = { reversalId: asked.id, source: 'gateway', id: asked.usage, reason: 'failed', digest, time };
        return (account) => reverseCharge(account, reversal, found);
      }
    }
  }

  private charged(usages: readonly AskedUsage[], now: number): unknown[] {
    if (this.account === undefined) return usages.map(() => 'unknown_account');
    const batch = usages.map(({ id, at, model, group, channel, units, authorization }) => ({
      ...usage(id, 0, 0),
      ...{ occurredAt: at, model, group, channel, units },
      authorizationId: authorization === undefined ? null : (this.authorizations[authorization] ?? 'none'),
    }));
    const { event, outcomes } = chargeUsage(this.account, batch, this.rulebooks, now);
    if (event !== null) this.append([event]);
    const charges = [...(event?.charges ?? [])];
    return outcomes.map((outcome) => {
      if (outcome.kind === 'dead') return outcome.reason;
      const charge = charges.shift();
      return charge && chargeAnswer(charge, event?.currency ?? '', false);
    });
  }

  /** What the tier service makes of the recharges since, and the ledger of what it says. */
  private earn(): void {
    const recharges = this.events.slice(this.heard);
    const first = this.heard;
    this.heard = this.events.length;
    for (const [index, event] of recharges.entries()) {
      if (event.type !== 'WalletRecharged') continue;
      const fact = rechargeFact(event, first + index);
      const promoted = promote(this.tiers, fact, this.rulebooks);
      this.tiers = foldRecharge(this.tiers, fact);
      if (promoted === null) continue;
      const tierRevision = this.tiers.revision + 1;
      this.tiers = evolveTier(this.tiers, promoted, tierRevision);
      this.promoted.push(promoted);
      const { from, to, earned } = promoted;
      const occurredAt = Date.parse(promoted.occurredAt);
      this.promotions.push({ tierRevision, rechargeRevision: first + index, occurredAt, earned: earned ?? [to] });
      const decision = changeTier(this.account, { from, to, earned, tierRevision, occurredAt });
      if (decision.kind === 'accepted') this.append(decision.events);
    }
  }

  append(events: readonly AccountEvent[]): void {
    for (const event of events) {
      this.account = evolve(this.account, event, this.events.length);
      this.events.push(event);
    }
  }
}

/** The sources that regained something, by name: in which order they are told is not compared. */
function sorted(answer: ReversalAnswer): unknown {
  return { ...answer, returned: [...answer.returned].sort((a, b) => (a.from < b.from ? -1 : 1)) };
}

/** What the command of an event is answered with; null where the caller sees the account instead. */
function answerOf(event: AccountEvent | undefined): unknown {
  if (event?.type === 'WalletRecharged') return rechargeAnswer(event);
  if (event?.type === 'CreditGranted') return event.grantId === null ? null : grantAnswer(event);
  return event?.type === 'UsageReversed'
    ? sorted(reversalAnswer(event))
    : (planAnswer(event) ?? moneyBackAnswer(event));
}

/** What time alone has changed by an instant. */
function derivedOf(account: Account, at: number): readonly Posting[] {
  const { currency, subscription } = account;
  const expired = expiryLegs(lapsedAt(account, at).wallet, currency, 'a');
  return subscription === null ? expired : [...expired, ...subscriptionPostings(subscription, currency, 'a', at)];
}

const textOf = (account: Account | undefined) => (account === undefined ? '{}' : JSON.stringify(toSnapshot(account)));
