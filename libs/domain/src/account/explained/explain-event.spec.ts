import * as fc from 'fast-check';
import { decimal, negate, toText, zero, type Decimal } from '../../amount/decimal';
import { walletOf } from '../../entries/legs';
import { postingsOf } from '../../entries/postings';
import { equationsOf, holds } from '../../testing/equations';
import type { Ask } from '../../testing/naive-books/asks';
import { published } from '../../testing/naive-books/comparing';
import { NaiveAccount } from '../../testing/naive-books/naive-account';
import { randomRules } from '../../testing/naive-books/random-rules';
import { versionsOf } from '../../testing/naive-books/random-versions';
import type { NaiveVersion } from '../../testing/naive-books/rules';
import { stories, type Step } from '../../testing/naive-books/stories';
import { storyStart, told } from '../../testing/naive-books/tell';
import { ToldDomain } from '../../testing/naive-books/told-domain';
import { chargeDraws } from '../answers';
import type { AccountEvent } from '../events';
import { explainEvent } from './explain-event';
import type { Explained } from './explained';

/** Stories that are told, of some twenty events each. */
const STORIES = 1000;

type EventType = AccountEvent['type'];
/** Whether the stories make events of a type: of a new one the compiler asks. */
const isMet: Readonly<Record<EventType, boolean>> = {
  AccountOpened: true,
  AccountSettingsChanged: true,
  WalletRecharged: true,
  RechargeRefunded: true,
  RechargeDisputed: true,
  DisputeClosed: true,
  ReceivableWrittenOff: true,
  CreditGranted: true,
  SubscriptionStarted: true,
  SubscriptionRenewed: true,
  SubscriptionCancelled: true,
  PlanSwitched: true,
  UsageCharged: true,
  UsageReversed: true,
  TierChanged: true,
  ApiKeyIssued: false,
  ApiKeyChanged: false,
  ApiKeyRevoked: false,
};

function eventsOf(story: readonly Step[], versions: readonly NaiveVersion[]): readonly AccountEvent[] {
  const naive = new NaiveAccount(versions);
  const domain = new ToldDomain(versions.map(published));
  const asks: Ask[] = [];
  let now = storyStart;
  let usages = 0;
  for (const step of story) {
    const ask = told(step, { books: naive.books(), versions, asks, now, usages });
    now = ask.now;
    if (ask.ask === 'usage') usages += ask.usages.length;
    naive.ask(ask);
    domain.ask(ask);
    asks.push(ask);
  }
  return domain.events;
}

/** What the wallet gains by an event's entry. */
function walletGain(event: AccountEvent): Decimal {
  const leg = postingsOf(event, 'a').find(({ ledgerAccount }) => ledgerAccount === walletOf('a'));
  return negate(leg?.amount ?? zero);
}

/** What the wallet gains as a formula says; undefined where it says nothing of the wallet. */
function saidGain(formula: string): string | undefined {
  const last = (end: string): string | undefined =>
    equationsOf(formula)
      .filter(({ unit }) => unit.endsWith(end))
      .at(-1)?.right;
  const out = last('out of the wallet');
  return last('into the wallet') ?? (out === undefined ? undefined : toText(negate(decimal(out))));
}

/** Numbers of a sentence that are neither in its event nor results of its formula. */
function strangersIn(sentence: string, known: string): string[] {
  const numbers = sentence.replaceAll(/[0-9.]+ %/g, '').match(/[0-9]+(?:\.[0-9]+)?/g) ?? [];
  return numbers.filter((number) => !known.includes(number));
}

/** What a sentence may say: what the event and its formula say, and of a charge what each source gave. */
function knownOf(event: AccountEvent, formula: string | null): string {
  const draws = event.type === 'UsageCharged' ? event.charges.map(chargeDraws) : [];
  return `${JSON.stringify([event, draws])} ${formula ?? ''}`;
}

describe('the explanation of an event', () => {
  it('is made of equations that hold, agrees with its entry, and says no number that the event does not', () => {
    const met = new Set<string>();
    const property = fc.property(stories, versionsOf(randomRules), (story, versions) => {
      for (const event of eventsOf(story, versions)) {
        met.add(event.type);
        const explained = explainEvent(event);
        const faults = faultsOf(event, explained);
        if (faults.length > 0) throw new Error(JSON.stringify([faults, explained, event], null, 1));
      }
    });
    fc.assert(property, { numRuns: STORIES, seed: 20_261_128 });
    expect([...met].sort()).toEqual(
      Object.entries(isMet)
        .flatMap(([type, is]) => (is ? [type] : []))
        .sort(),
    );
  });
});

/** What is wrong with an explanation. */
function faultsOf(event: AccountEvent, { formula, sentence }: Explained): string[] {
  const text = formula ?? '0 = 0';
  const gain = toText(walletGain(event));
  const said = formula === null ? '0' : (saidGain(formula) ?? gain);
  return [
    ...equationsOf(text).flatMap((equation) => (holds(equation) ? [] : [`it does not hold: ${equation.text}`])),
    ...(said === gain ? [] : [`the wallet gains ${gain}, and not ${said}`]),
    ...strangersIn(sentence, knownOf(event, formula)).map((number) => `nobody knows ${number}`),
    ...(/^[^\n]+\.$/.test(sentence) ? [] : ['it is no sentence']),
    ...(/undefined|NaN|\[object|\s\s/.test(`${text} ${sentence}`) ? ['something is missing'] : []),
  ];
}
