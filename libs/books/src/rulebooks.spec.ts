import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatInstant } from '@meterbook/domain/time/instant';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { encodeEvent, encodeTexts } from './event-codec';
import { PlatformNames } from './platform-names';
import { Rulebooks, rulebookStream } from './rulebooks';
import { platformsStream } from './stream-kinds';
import { MAX_READY_VERSIONS } from './stored-version';
import { versionEvents, type NewVersion } from './version-events';

/** What EventStoreDB takes in one append, bytes. */
const narrowestAppend = 1024 * 1024;
const actor = { actor: 'spec' };

const content = (more: Readonly<Record<string, unknown>> = {}) => ({
  platform: 'p',
  currency: 'CNY',
  tiers: [{ id: 'default', rank: 1 }],
  groups: [{ id: 'default', models: ['*'] }],
  models: [{ id: 'gpt', group: 'default', price: { mode: 'request', unit: '1' } }],
  ...more,
});
const version = (number: number, text: string, effectiveFrom = '2020-01-01T00:00:00.000Z'): NewVersion => ({
  version: number,
  effectiveFrom,
  sha256: `sha-${number}`,
  text,
});
const publish = async (rulebooks: Rulebooks, next: NewVersion, platform = 'p'): Promise<boolean> =>
  rulebooks.append(platform, await rulebooks.versions(platform), next, actor);
/** Content whose text is larger than a version in one event may be. */
const large = (model = 'm'): string =>
  JSON.stringify(
    content({
      models: Array.from({ length: 9_000 }, (_, i) => ({
        id: `${model}-${i}-${'文'.repeat(40)}`,
        group: 'default',
        price: { mode: 'request', unit: '1' },
      })),
    }),
  );

describe('the rulebooks', () => {
  const clock = new SystemClock();
  let directory: string;
  let store: EmbeddedEventStore;
  let rulebooks: Rulebooks;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'meterbook-books-'));
    store = new EmbeddedEventStore(directory, clock);
    rulebooks = new Rulebooks(store);
  });
  afterEach(async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  });

  const types = async (): Promise<string[]> => {
    const found: string[] = [];
    for await (const { type } of store.read(rulebookStream('p'), 'start', 'forward')) found.push(type);
    return found;
  };

  it.each([
    ['small', JSON.stringify(content())],
    ['large', large()],
    ['of quotation marks', JSON.stringify({ note: '"'.repeat(1_400_000) })],
    ['of other scripts', JSON.stringify({ note: '文😀'.repeat(400_000) })],
    ['of halves of pairs', JSON.stringify({ note: '\ud83d'.repeat(300_000) })],
  ])('store a version that is %s in events that every engine takes, and give it back', async (_what, text) => {
    for (const { data } of versionEvents(version(1, text)))
      expect(Buffer.byteLength(data)).toBeLessThan(narrowestAppend - 65_536);
    expect(await publish(rulebooks, version(1, text))).toBe(true);
    for (const reader of [rulebooks, new Rulebooks(store)]) {
      const [found] = await reader.versions('p');
      expect(found?.version).toBe(1);
      expect((await found?.text()) === text).toBe(true);
    }
    expect((await store.audit(() => undefined)).faults).toEqual([]);
  });

  it('know nothing of a version whose parts are not all there, and the next publication makes up for it', async () => {
    const text = large();
    const parts = [...versionEvents(version(1, text))];
    expect(parts.length).toBeGreaterThan(2);
    let hash = chainStart;
    for (const [revision, { type, data }] of parts.slice(0, -1).entries()) {
      const event = encodeTexts(rulebookStream('p'), revision, hash, type, data, '{}');
      const expectedRevision = revision === 0 ? 'no-stream' : revision - 1;
      await store.append([{ stream: rulebookStream('p'), expectedRevision, events: [event] }]);
      hash = event.hash;
      expect(await rulebooks.confirmed('p')).toEqual([]);
    }
    expect(await publish(rulebooks, version(1, large('other')))).toBe(true);
    expect(await publish(rulebooks, version(2, JSON.stringify(content())))).toBe(true);
    for (const reader of [rulebooks, new Rulebooks(store)]) {
      const [first, second] = await reader.confirmed('p');
      expect([first?.rulebook.models[0]?.id.slice(0, 7), second?.rulebook.models[0]?.id]).toEqual(['other-0', 'gpt']);
    }
  });

  it('are published by one of two at once, whole, however large they are', async () => {
    const other = new Rulebooks(store);
    const [mine, yours] = [large('mine'), large('yours')];
    const taken = await Promise.all([publish(rulebooks, version(1, mine)), publish(other, version(1, yours))]);
    expect(taken.filter(Boolean)).toHaveLength(1);
    const versions = await new Rulebooks(store).versions('p');
    expect(versions).toHaveLength(1);
    expect((await versions[0]?.text()) === (taken[0] ? mine : yours)).toBe(true);
    expect((await types()).filter((type) => type === 'RulebookPublishedInParts')).toHaveLength(1);
  });

  it('keep ready what is in force and what is to come, and of the others only those asked for last', async () => {
    const past = 40;
    for (let i = 1; i <= past; i++)
      await publish(rulebooks, version(i, JSON.stringify(content({ refund: { windowDays: i } }))));
    const nextYear = formatInstant(clock.now() + 365 * 86_400_000);
    await publish(rulebooks, version(past + 1, JSON.stringify(content({ refund: { windowDays: 90 } })), nextYear));
    const fresh = new Rulebooks(store);
    for (const reader of [rulebooks, fresh]) {
      await reader.confirmed('p');
      const versions = await reader.versions('p');
      expect(versions.filter(({ isKept }) => isKept).map((kept) => kept.version)).toEqual([past, past + 1]);
      // Usage may be late by any version.
      expect(versions.map(({ rulebook }) => rulebook.refund?.windowDays)).toEqual([
        ...Array.from({ length: past }, (_, i) => i + 1),
        90,
      ]);
      expect(versions.filter(({ isKept }) => isKept)).toHaveLength(2);
    }
    expect(MAX_READY_VERSIONS).toBeLessThan(past);
  });

  it.each([
    ['a later version', 'RulebookSold', '{}'],
    [
      'content that is no rulebook',
      'RulebookPublished',
      '{"version":2,"effectiveFrom":"2020-01-01T00:00:00.000Z","sha256":"","rulebook":{}}',
    ],
    [
      'a number that is not the next',
      'RulebookPublished',
      `{"version":7,"effectiveFrom":"2020-01-01T00:00:00.000Z","sha256":"","rulebook":${JSON.stringify(content())}}`,
    ],
    [
      'parts that are not there',
      'RulebookPublishedInParts',
      '{"version":2,"effectiveFrom":"2020-01-01T00:00:00.000Z","sha256":"","parts":3}',
    ],
    ['no JSON', 'RulebookPublished', '{'],
    ['the withdrawal of a version that was never published', 'RulebookWithdrawn', '{"version":2}'],
    ['the withdrawal of no version', 'RulebookWithdrawn', '{}'],
  ])('that hold an event of %s take their platform out, and no other', async (_what, type, data) => {
    for (const platform of ['p', 'q'])
      await publish(rulebooks, version(1, JSON.stringify(content({ platform }))), platform);
    const [first] = await rulebooks.versions('p');
    expect(first?.version).toBe(1);
    for await (const { revision, hash } of store.read(rulebookStream('p'), 'end', 'backward')) {
      const event = encodeTexts(rulebookStream('p'), revision + 1, hash, type, data, '{}');
      await store.append([{ stream: rulebookStream('p'), expectedRevision: revision, events: [event] }]);
      break;
    }
    for (const reader of [rulebooks, rulebooks, new Rulebooks(store)]) {
      await expect(reader.confirmed('p')).rejects.toThrow(StreamDamaged);
      expect(await reader.confirmed('q')).toHaveLength(1);
    }
  });

  it('reads a large version in turns, and serves others between them', async () => {
    await publish(rulebooks, version(1, large()));
    const reader = new Rulebooks(store);
    await reader.versions('p');
    let turns = 0;
    let ended = false;
    const count = (): void => {
      turns += 1;
      if (!ended) setImmediate(count);
    };
    setImmediate(count);
    const [found] = await reader.confirmed('p');
    ended = true;
    expect(found?.rulebook.models).toHaveLength(9_000);
    expect(turns).toBeGreaterThan(9_000 / 64);
  });
});

describe('the names of the platforms', () => {
  it('are noted once each, and pass over what is no name', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'meterbook-names-'));
    const store = new EmbeddedEventStore(directory, new SystemClock());
    const names = new PlatformNames(store);
    await names.note('a', actor);
    for await (const { revision, hash } of store.read(platformsStream, 'end', 'backward')) {
      const foreign = encodeEvent(platformsStream, revision + 1, hash, { type: 'OrderPlaced' }, {});
      const broken = encodeTexts(platformsStream, revision + 2, foreign.hash, 'PlatformNamed', '{"platform":7}', '{}');
      await store.append([{ stream: platformsStream, expectedRevision: revision, events: [foreign, broken] }]);
      break;
    }
    for (const reader of [names, new PlatformNames(store)]) {
      await Promise.all([reader.note('a', actor), reader.note('b', actor)]);
      expect(await reader.confirmed()).toEqual(['a', 'b']);
    }
    expect(await store.head(platformsStream)).toBe(3);
    await store.close();
    rmSync(directory, { recursive: true });
  });
});
