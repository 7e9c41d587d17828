import * as fc from 'fast-check';
import { rulebookStream } from '@meterbook/books/rulebooks';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import { storedHistories } from './random-histories';

/** The labels that each version of the platforms' rulebooks names. */
export const labelsOfVersion: readonly (readonly string[])[] = [[], ['team'], ['team', 'project']];

const models = ['chat', 'voice', '\u{1f600}', '\ufffd', '=SUM(A1)'];
const values = ['ads', 'core', 'search', '\u{1f600}', 'ä'];
const units: readonly object[] = [
  {},
  { requests: 2 },
  { seconds: '2.5' },
  { requests: 1, seconds: '0.1', __proto__: null },
];

/** What of a history is otherwise than in another one, beside what happens in it. */
interface Dress {
  readonly seed: number;
  /** How much later all of it happens, whole hours. */
  readonly hours: number;
  /** How much later than its hour each event is booked than the one before, milliseconds. */
  readonly strideMs: number;
}

/** From where the histories are told to where some zone puts its clocks forward or back, and to no such place. */
const shifts = [
  '2026-11-21T00:00:00Z',
  '2026-10-30T18:00:00Z',
  '2026-03-07T12:00:00Z',
  '2026-10-24T12:00:00Z',
  '2026-04-03T20:00:00Z',
  '2026-12-30T20:00:00Z',
].map((start) => (Date.parse(start) - Date.parse('2026-11-21T00:00:00Z')) / 3_600_000);

const dress: fc.Arbitrary<Dress> = fc.record({
  seed: fc.nat(),
  hours: fc.constantFrom(...shifts),
  strideMs: fc.constantFrom(0, 1, 419_999),
});

/** Everything that stands in a store, in store order: accounts whose charges are of many kinds, after the rulebooks of their platforms. */
export const dressedHistories: fc.Arbitrary<readonly StoredEvent[]> = fc
  .tuple(storedHistories, dress)
  .map(([history, how]) => dressed(history, how));

function dressed(history: readonly StoredEvent[], how: Dress): StoredEvent[] {
  const platforms = new Set(history.map(({ stream }) => stream.slice('account-'.length).split('/')[0] ?? ''));
  const shiftMs = how.hours * 3_600_000;
  const first = (history[0]?.bookedAt ?? 0) + shiftMs;
  const published = [...platforms].flatMap((platform) =>
    labelsOfVersion.map((labels, at): StoredEvent => ({
      stream: rulebookStream(platform),
      revision: at,
      position: '',
      bookedAt: first,
      type: 'RulebookPublished',
      data: JSON.stringify({
        ...{ version: at + 1, effectiveFrom: '2020-01-01T00:00:00.000Z', sha256: 'hash' },
        rulebook: { currency: 'USD', labels },
      }),
      metadata: '{}',
      hash: 'hash',
    })),
  );
  const moved = history.map((event, at): StoredEvent => {
    const data = shifted(event.data, shiftMs);
    const told = event.type === 'UsageCharged' ? JSON.stringify(withDress(data, how.seed)) : data;
    return { ...event, data: told, bookedAt: event.bookedAt + shiftMs + at * how.strideMs };
  });
  return [...published, ...moved].map((event, at) => ({ ...event, position: String(at) }));
}

/** Every instant in a text, so much later. */
function shifted(data: string, ms: number): string {
  return data.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (instant) => new Date(Date.parse(instant) + ms).toISOString());
}

function withDress(data: string, seed: number): object {
  const event = JSON.parse(data) as { readonly charges: readonly { readonly id: string; readonly amount: string }[] };
  return { ...event, charges: event.charges.map((charge) => ({ ...charge, ...dressOf(charge.id, seed) })) };
}

/** What a charge bears, by its id. */
export function dressOf(id: string, seed: number): object {
  let chance = seed >>> 0;
  for (const letter of id) chance = (Math.imul(chance, 31) + letter.charCodeAt(0)) >>> 0;
  const pick = <T>(all: readonly T[]): T | undefined => {
    chance = (Math.imul(chance, 1_103_515_245) + 12_345) >>> 0;
    return all[(chance >>> 8) % all.length];
  };
  const optional = (name: string, all: readonly string[]): object => {
    const value = pick([undefined, ...all]);
    return value === undefined ? {} : { [name]: value };
  };
  const labels = { ...optional('team', values), ...optional('project', values), ...optional('other', values) };
  return {
    ...{ model: pick(models), tier: pick(['default', 'vip']), group: pick(['default', 'labs']) },
    ...{ rulebook: pick([1, 2, 3]), units: pick(units) },
    ...optional('channel', ['up', 'down']),
    ...optional('apiKeyId', ['k1', 'k2']),
    ...optional('plan', ['basic', 'pro']),
    ...optional('cost', ['0', '0.25', '3.000001']),
    ...(Object.keys(labels).length > 0 && { labels }),
  };
}
