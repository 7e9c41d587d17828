import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { versionInForce } from '@meterbook/domain/rulebook/rulebook';
import { formatInstant } from '@meterbook/domain/time/instant';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import { MAX_SCHEDULED_READY } from './platform-versions';
import { Rulebooks } from './rulebooks';

const actor = { actor: 'spec' };
const hourMs = 3_600_000;
const text = JSON.stringify({
  currency: 'CNY',
  platform: 'p',
  tiers: [{ id: 'default', rank: 1 }],
  groups: [{ id: 'default', models: ['*'] }],
  models: [],
});

describe('withdrawn versions', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-withdrawn-'));
  const clock = new ManualClock();
  const store = new EmbeddedEventStore(directory, clock);
  let platforms = 0;

  afterAll(async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  });

  const publish = async (rulebooks: Rulebooks, platform: string, inHours: number): Promise<number> => {
    const versions = await rulebooks.versions(platform);
    const version = rulebooks.lastNumber(platform) + 1;
    const effectiveFrom = formatInstant(clock.now() + inHours * hourMs);
    expect(await rulebooks.append(platform, versions, { version, effectiveFrom, sha256: '', text }, actor)).toBe(true);
    return version;
  };
  const numbers = async (rulebooks: Rulebooks, platform: string): Promise<number[]> =>
    (await rulebooks.confirmed(platform)).map(({ version }) => version);

  it('are gone for every reader, and their numbers with them', async () => {
    const [writer, other] = [new Rulebooks(store), new Rulebooks(store)];
    for (const hours of [0, 1, 2]) await publish(writer, 'gone', hours);
    expect(await numbers(other, 'gone')).toEqual([1, 2, 3]);
    await writer.withdraw('gone', 3, actor);
    for (const reader of [writer, other, new Rulebooks(store)]) {
      expect(await numbers(reader, 'gone')).toEqual([1, 2]);
      expect((await reader.published('gone')).isWithdrawn(3)).toBe(true);
    }
    expect(await publish(other, 'gone', 3)).toBe(4);
    expect(await numbers(writer, 'gone')).toEqual([1, 2, 4]);
  });

  it('leave a platform that was published, though without a version', async () => {
    const rulebooks = new Rulebooks(store);
    await publish(rulebooks, 'bare', 1);
    await rulebooks.withdraw('bare', 1, actor);
    expect(await numbers(rulebooks, 'bare')).toEqual([]);
    expect([rulebooks.lastNumber('bare'), rulebooks.lastNumber('nowhere')]).toEqual([1, 0]);
  });

  it('are those only that the store knew of before they came into force', async () => {
    const rulebooks = new Rulebooks(store);
    await publish(rulebooks, 'late', 0);
    await publish(rulebooks, 'late', 1);
    await clock.advance(hourMs);
    await rulebooks.withdraw('late', 2, actor);
    for (const reader of [rulebooks, new Rulebooks(store)]) {
      expect(await numbers(reader, 'late')).toEqual([1, 2]);
      expect((await reader.published('late')).isWithdrawn(2)).toBe(false);
    }
  });

  it('and scheduled ones beyond the next few are not kept ready, and of very many the right one is found', async () => {
    const rulebooks = new Rulebooks(store);
    await publish(rulebooks, 'many', 0);
    for (let i = 0; i < 40; i++) await publish(rulebooks, 'many', 40 - i);
    await rulebooks.withdraw('many', 41, actor);
    for (const reader of [rulebooks, new Rulebooks(store)]) {
      const versions = await reader.confirmed('many');
      const kept = (await reader.versions('many')).filter(({ isKept }) => isKept).map(({ version }) => version);
      // In force, the latest, and those that come next: the last to be published are the first to come.
      expect(kept).toEqual([1, ...Array.from({ length: MAX_SCHEDULED_READY }, (_, i) => 41 - MAX_SCHEDULED_READY + i)]);
      for (const hours of [0, 1, 2, 17, 40, 99])
        expect(versionInForce(versions, clock.now() + hours * hourMs)?.version).toBe(
          hours < 2 ? 1 : 42 - Math.min(hours, 40),
        );
    }
  });

  it('stand in the way of what was decided before', async () => {
    const rulebooks = new Rulebooks(store);
    await publish(rulebooks, 'race', 1);
    const decidedOn = await rulebooks.versions('race');
    await rulebooks.withdraw('race', 1, actor);
    const next = { version: 2, effectiveFrom: formatInstant(clock.now()), sha256: '', text };
    expect(await rulebooks.append('race', decidedOn, next, actor)).toBe(false);
    expect(await rulebooks.append('race', await rulebooks.versions('race'), next, actor)).toBe(true);
  });

  it('are never in force, whatever was published, withdrawn and waited for: as a naive search has it', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('publish' as const), hours: fc.integer({ min: -3, max: 6 }) }),
      fc.record({ kind: fc.constant('withdraw' as const), which: fc.nat(9) }),
      fc.record({ kind: fc.constant('wait' as const), hours: fc.integer({ min: 0, max: 3 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
        const platform = `random-${(platforms += 1)}`;
        const reader = new Rulebooks(store);
        const naive: { version: number; from: number; gone: boolean }[] = [];
        for (const each of steps) {
          if (each.kind === 'wait') await clock.advance(each.hours * hourMs);
          else if (each.kind === 'publish') {
            const version = await publish(reader, platform, each.hours);
            naive.push({ version, from: clock.now() + each.hours * hourMs, gone: false });
          } else if (each.which < naive.length) {
            const known = naive[each.which];
            await reader.withdraw(platform, each.which + 1, actor);
            if (known && known.from > clock.now()) known.gone = true;
          }
        }
        for (const rulebooks of [reader, new Rulebooks(store)])
          for (let hours = -4; hours <= 7; hours++) {
            const at = clock.now() + hours * hourMs;
            const candidates = naive.filter(({ from, gone }) => !gone && from <= at);
            const latest = Math.max(...candidates.map(({ from }) => from));
            const [last] = candidates.filter(({ from }) => from === latest).reverse();
            expect(versionInForce(await rulebooks.confirmed(platform), at)?.version).toBe(last?.version);
          }
      }),
      { numRuns: 60 },
    );
  });
});
