import type { Account } from '../account';
import { chargeUsage, type Charged, type UsageOutcome } from './charge';
import type { PublishedRulebook } from '../../rulebook/rulebook';
import type { Usage } from '../../usage/usage';

/** Longest text of an error that a dead letter tells, in characters. */
const MAX_DETAIL_LENGTH = 500;

/** A usage that the rules threw on. */
export interface Unratable {
  readonly kind: 'dead';
  readonly reason: 'unratable';
  readonly detail: string;
  readonly error: unknown;
}

export interface RatablyCharged {
  readonly event: Charged['event'];
  /** In the order of the usage. */
  readonly outcomes: readonly (UsageOutcome | Unratable)[];
}

/**
 * Charges a batch of usage, decided at an instant in milliseconds since 1970 (undefined for what was booked before that was kept). Where the rules throw, which is a bug, only the usages that they throw on are left out and named:
 * nothing but the rules runs here, so an error is never one of the store, and trying again would help nobody.
 */
export function chargeRatable(
  account: Account,
  usages: readonly Usage[],
  rulebooks: readonly PublishedRulebook[],
  decidedAt: number | undefined,
  charge = chargeUsage,
): RatablyCharged {
  const whole = attempt(() => charge(account, usages, rulebooks, decidedAt));
  if (whole.kind === 'done') return whole.value;
  const errors = new Map<number, unknown>();
  usages.forEach((usage, i) => {
    const alone = attempt(() => charge(account, [usage], rulebooks, decidedAt));
    if (alone.kind === 'failed') errors.set(i, alone.error);
  });
  for (;;) {
    const left = usages.map((usage, i) => ({ usage, i })).filter(({ i }) => !errors.has(i));
    const upTo = (count: number): Attempt<Charged> => {
      const some = left.slice(0, count).map(({ usage }) => usage);
      return attempt(() => charge(account, some, rulebooks, decidedAt));
    };
    const all = upTo(left.length);
    if (all.kind === 'done') return withoutErrors(usages.length, errors, all.value);
    // Some throw only after what stands before them: the last of the shortest beginning that throws is one.
    const shortest = shortestFailing(left.length, upTo);
    const culprit = left[shortest - 1];
    if (!culprit) throw all.error;
    errors.set(culprit.i, all.error);
  }
}

type Attempt<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'failed'; readonly error: unknown };

function attempt<T>(work: () => T): Attempt<T> {
  try {
    return { kind: 'done', value: work() };
  } catch (error) {
    return { kind: 'failed', error };
  }
}

/** The smallest count that fails, knowing that `most` does. */
function shortestFailing(most: number, upTo: (count: number) => Attempt<unknown>): number {
  let [passes, fails] = [0, most];
  while (fails - passes > 1) {
    const middle = (passes + fails) >> 1;
    if (upTo(middle).kind === 'failed') fails = middle;
    else passes = middle;
  }
  return fails;
}

function withoutErrors(count: number, errors: ReadonlyMap<number, unknown>, charged: Charged): RatablyCharged {
  const rest = charged.outcomes.values();
  const outcomes = Array.from({ length: count }, (_, i): UsageOutcome | Unratable => {
    if (errors.has(i)) return unratable(errors.get(i));
    const next = rest.next();
    if (next.done) throw new Error('a usage without an outcome');
    return next.value;
  });
  return { event: charged.event, outcomes };
}

export function unratable(error: unknown): Unratable {
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { kind: 'dead', reason: 'unratable', detail: said.slice(0, MAX_DETAIL_LENGTH), error };
}
