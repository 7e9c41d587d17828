import type { AccountEvent } from '@meterbook/domain/account/events';
import { readRulebook } from '@meterbook/domain/rulebook/read-rulebook';
import type { PublishedRulebook } from '@meterbook/domain/rulebook/rulebook';
import { formatInstant } from '@meterbook/domain/time/instant';
import type { Ask } from '@meterbook/domain/testing/naive-books/asks';
import { NaiveAccount } from '@meterbook/domain/testing/naive-books/naive-account';
import type { NaiveRules, NaiveVersion } from '@meterbook/domain/testing/naive-books/rules';
import type { Step } from '@meterbook/domain/testing/naive-books/stories';
import { storyStart, told } from '@meterbook/domain/testing/naive-books/tell';
import { ToldDomain } from '@meterbook/domain/testing/naive-books/told-domain';
import { Rulebooks } from '@meterbook/books/rulebooks';
import type { Books } from './books';

/** The platform of the stories. */
export const livedPlatform = 'harbour';

/** The content of a rulebook as it is published. */
export function contentOf(rules: NaiveRules): Readonly<Record<string, unknown>> {
  return { platform: livedPlatform, ...rules };
}

function published({ version, from, rules }: NaiveVersion): PublishedRulebook {
  const read = readRulebook(contentOf(rules));
  if (read.kind === 'invalid') throw new Error(JSON.stringify(read.faults));
  return { version, effectiveFrom: from, sha256: '0'.repeat(64), rulebook: read.rulebook };
}

/** Publishes versions as the ledger would. */
export async function publishAll({ store }: Books, versions: readonly NaiveVersion[]): Promise<void> {
  for (const { version, from, rules } of versions) {
    const rulebooks = new Rulebooks(store);
    const decidedOn = await rulebooks.confirmed(livedPlatform);
    const text = JSON.stringify(contentOf(rules));
    const next = { version, effectiveFrom: formatInstant(from), sha256: String(version).padStart(64, '0'), text };
    if (!(await rulebooks.append(livedPlatform, decidedOn, next, {}))) throw new Error('another version came first');
  }
}

/** Lets a story happen to an account and books it; what was booked. */
export async function liveThrough(
  books: Books,
  account: string,
  story: readonly Step[],
  versions: readonly NaiveVersion[],
): Promise<readonly AccountEvent[]> {
  const naive = new NaiveAccount(versions);
  const domain = new ToldDomain(versions.map(published));
  const asks: Ask[] = [];
  let [now, usages, booked, promoted] = [storyStart, 0, 0, 0];
  for (const step of story) {
    const ask = told(step, { books: naive.books(), versions, asks, now, usages });
    now = ask.now;
    if (ask.ask === 'usage') usages += ask.usages.length;
    naive.ask(ask);
    asks.push(ask);
    domain.ask(ask);
    if (books.clock.now() < now) books.clock.set(formatInstant(now));
    for (const event of domain.promoted.slice(promoted)) await books.append(`tier-${livedPlatform}/${account}`, event);
    for (const event of domain.events.slice(booked)) await books.append(`account-${livedPlatform}/${account}`, event);
    [booked, promoted] = [domain.events.length, domain.promoted.length];
  }
  return domain.events;
}
