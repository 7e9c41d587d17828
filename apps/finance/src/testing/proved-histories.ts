import * as fc from 'fast-check';
import type { AccountEvent } from '@meterbook/domain/account/events';
import { at } from '@meterbook/domain/testing/commands';
import type { Ask } from '@meterbook/domain/testing/naive-books/asks';
import { published } from '@meterbook/domain/testing/naive-books/comparing';
import { NaiveAccount } from '@meterbook/domain/testing/naive-books/naive-account';
import { randomRules } from '@meterbook/domain/testing/naive-books/random-rules';
import { versionsOf } from '@meterbook/domain/testing/naive-books/random-versions';
import type { NaiveVersion } from '@meterbook/domain/testing/naive-books/rules';
import { stories, type Step } from '@meterbook/domain/testing/naive-books/stories';
import { storyStart, told } from '@meterbook/domain/testing/naive-books/tell';
import { ToldDomain } from '@meterbook/domain/testing/naive-books/told-domain';
import { dressOf } from './dressed-histories';
import { accountLives } from './random-histories';

const HOUR_MS = 3_600_000;

/** Where histories are told: around the turn of a month, where some zone puts its clocks forward or back, or both. */
const places = [
  '2026-10-30T18:00:00.000Z',
  '2026-10-24T12:00:00.000Z',
  '2026-03-07T12:00:00.000Z',
  '2026-03-28T06:00:00.000Z',
  '2026-04-03T20:00:00.000Z',
  '2026-12-30T20:00:00.000Z',
].map((place) => Date.parse(place));

/** How much later than it happened something is booked; below zero where it is dated ahead. */
const delays = [0, 0, 0, 1, 7 * HOUR_MS, 26 * HOUR_MS, 35 * 24 * HOUR_MS, -30 * HOUR_MS];

/** Something that happened to an account. Instants are milliseconds since 1970. */
export interface ToBeBooked {
  readonly account: string;
  readonly bookedAt: number;
  readonly event: AccountEvent;
}

/** What some accounts of a platform lived through, in the order in which it is booked. */
export interface ProvedHistory {
  readonly events: readonly ToBeBooked[];
  /** How many of them are booked before somebody looks, and closes a month. */
  readonly before: number;
  /** What the accounts were refused, by its code. */
  readonly refusals: readonly string[];
}

interface Life {
  readonly begins: number;
  readonly events: readonly { readonly at: number; readonly event: AccountEvent }[];
  readonly refusals: readonly string[];
}

const lives: fc.Arbitrary<Life> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(stories, versionsOf(randomRules)).map(([story, versions]) => livedBy(story, versions)),
  },
  {
    weight: 2,
    arbitrary: accountLives.map((happened) => ({
      begins: at(0),
      events: happened.map(({ hour, event }) => ({ at: at(hour), event })),
      refusals: [],
    })),
  },
);

/** Histories with all in them that can happen to accounts, under rulebooks of any kind. */
export const provedHistories: fc.Arbitrary<ProvedHistory> = fc
  .tuple(
    fc.array(
      fc.record({
        life: lives.filter(({ events }) => events.length > 1),
        delay: fc.constantFrom(...delays),
        hours: fc.nat(48),
        hasKey: fc.boolean(),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    fc.record({
      place: fc.constantFrom(...places),
      seed: fc.nat(),
      stride: fc.constantFrom(0, 1, 419_999),
      of100: fc.integer({ min: 20, max: 90 }),
    }),
  )
  .map(([accounts, { place, seed, stride, of100 }]) => {
    const events = accounts
      .flatMap(({ life, delay, hours, hasKey }, number): ToBeBooked[] => {
        const account = `a${number}`;
        const later = place + hours * HOUR_MS - life.begins;
        const told = dressed(
          life.events.map(({ event }) => event),
          later,
          seed + number,
        );
        const all = hasKey ? [...told, ...keyEvents(told.at(-1))] : told;
        return all.map((event, place) => ({
          account,
          bookedAt: (life.events[place] ?? life.events.at(-1) ?? { at: 0 }).at + later + delay + place * stride,
          event,
        }));
      })
      .sort((a, b) => a.bookedAt - b.bookedAt);
    const before = Math.floor((events.length * of100) / 100);
    return { events, before, refusals: accounts.flatMap(({ life }) => life.refusals) };
  });

/** An account's life under rulebooks, with what it was refused. */
function livedBy(story: readonly Step[], versions: readonly NaiveVersion[]): Life {
  const naive = new NaiveAccount(versions);
  const domain = new ToldDomain(versions.map(published));
  const [asks, refusals, events]: [Ask[], string[], { at: number; event: AccountEvent }[]] = [[], [], []];
  let [now, usages] = [storyStart, 0];
  for (const step of story) {
    const ask = told(step, { books: naive.books(), versions, asks, now, usages });
    now = ask.now;
    if (ask.ask === 'usage') usages += ask.usages.length;
    naive.ask(ask);
    asks.push(ask);
    const outcome = domain.ask(ask);
    if (outcome.is === 'refused') refusals.push(outcome.code);
    if (outcome.is === 'charged') for (const each of outcome.each) if (typeof each === 'string') refusals.push(each);
    for (const event of domain.events.slice(events.length)) events.push({ at: now, event });
  }
  return { begins: storyStart, events, refusals };
}

/** The same so much later, its charges and what reverses them dressed. */
function dressed(events: readonly AccountEvent[], laterMs: number, seed: number): AccountEvent[] {
  const text = JSON.stringify(events).replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (instant) =>
    new Date(Date.parse(instant) + laterMs).toISOString(),
  );
  const moved = (JSON.parse(text) as AccountEvent[]).map((event): AccountEvent => {
    if (event.type !== 'UsageCharged') return event;
    return { ...event, charges: event.charges.map((charge) => ({ ...charge, ...dressOf(charge.id, seed) })) };
  });
  return moved.map((event) => {
    if (event.type !== 'UsageReversed' || event.charged === undefined) return event;
    const origin = moved[event.charge.revision];
    const charge = origin?.type === 'UsageCharged' ? origin.charges[event.charge.index] : undefined;
    if (!charge) return event;
    const { model, apiKeyId, channel, tier, group, plan, units, labels } = charge;
    return { ...event, charged: { model, apiKeyId, channel, tier, group, plan, units, labels } } as AccountEvent;
  });
}

/** A key that is issued, changed and revoked when all else has happened. */
function keyEvents(last: AccountEvent | undefined): AccountEvent[] {
  const occurredAt = last && 'occurredAt' in last ? last.occurredAt : new Date(0).toISOString();
  return [
    { type: 'ApiKeyIssued', occurredAt, keyId: 'k1', name: 'first', group: null, secretHash: 'hash', digest: 'd' },
    { type: 'ApiKeyChanged', occurredAt, keyId: 'k1', group: 'labs', labels: { team: 'core' } },
    { type: 'ApiKeyRevoked', occurredAt, keyId: 'k1' },
  ];
}
