import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Health } from '@meterbook/http/health/health';
import { createLog } from '@meterbook/runtime/log';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import { ProjectionControl } from './projection-control';
import { MAX_LISTENERS, MAX_LISTENERS_OF_CALLER, RebuildEvents } from './rebuild-events';

const projection = 'charges';
const secondMs = 1_000;

describe('the events of a rebuild', () => {
  let directory: string;
  let control: ProjectionControl;
  let clock: ManualClock;
  let health: Health;
  let events: RebuildEvents;
  let looks: number;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'meterbook-events-'));
    control = ProjectionControl.own(directory, createLog('fatal'));
    clock = new ManualClock(0);
    health = new Health(clock, createLog('fatal'));
    looks = 0;
    const counted = Object.create(control) as ProjectionControl;
    counted.rebuild = (name, id) => {
      looks += 1;
      return control.rebuild(name, id);
    };
    events = new RebuildEvents(counted, clock, health);
    control.request(projection, 'r1');
  });
  afterEach(() => {
    control.close();
    rmSync(directory, { recursive: true });
  });

  const advance = (events: number): void =>
    control.advance({
      rebuildId: 'r1',
      position: String(events),
      target: '100',
      progress: events / 100,
      events,
      eventsPerSecond: 50,
      remainingMs: (100 - events) * 20,
    });
  const swap = (): void =>
    control.swap(projection, 'r1', { identical: true, rows: 7, checksum: 'c', difference: null, detail: null });

  /** Somebody who follows, and everything that they were told. */
  const listen = (name = 'somebody', gone = new AbortController()) => {
    const told: string[] = [];
    const following = events.follow(projection, 'r1', { name, gone: gone.signal });
    const over = (async () => {
      for await (const text of following) told.push(text);
    })();
    return { told, over, leave: () => gone.abort() };
  };
  const parsed = (texts: readonly string[]): unknown[] =>
    texts.map((text) => {
      const [, event, data] = /^event: (\w+)\ndata: (.*)\n\n$/.exec(text) ?? [];
      const {
        state,
        events: folded,
        eventsPerSecond,
        remainingMs,
      } = JSON.parse(data ?? '{}') as Record<string, unknown>;
      return [event, state, folded, eventsPerSecond, remainingMs];
    });

  it('tell at once how far it is, then whenever it has moved, and end with what came of it', async () => {
    const { told, over } = listen();
    await clock.advance(secondMs);
    advance(40);
    await clock.advance(secondMs);
    await clock.advance(secondMs);
    swap();
    await clock.advance(secondMs);
    await over;
    expect(parsed(told)).toEqual([
      ['progress', 'running', null, null, null],
      ['progress', 'running', 40, 50, 1200],
      ['ended', 'swapped', 40, 50, 0],
    ]);
    expect(told.at(-1)).toContain('"identical":true');
  });

  it('are one where it has ended already', async () => {
    control.fail('r1', 'the disk is full');
    const { told, over } = listen();
    await over;
    expect(parsed(told)).toEqual([['ended', 'failed', null, null, null]]);
    expect(told[0]).toContain('the disk is full');
  });

  it('say nothing new now and then, so that a connection is not taken for dead', async () => {
    const { told, leave, over } = listen();
    for (let i = 0; i < 40; i += 1) await clock.advance(secondMs);
    leave();
    await over;
    expect(told.slice(1)).toEqual([':\n\n', ':\n\n']);
  });

  it('end when their listener goes, when the process stops, and after an hour', async () => {
    const [gone, stopped] = [listen(), listen()];
    await clock.advance(secondMs);
    gone.leave();
    await gone.over;
    health.onModuleDestroy();
    await stopped.over;
    health = new Health(clock, createLog('fatal'));
    events = new RebuildEvents(control, clock, health);
    const long = listen();
    for (let i = 0; i <= 3_600; i += 1) await clock.advance(secondMs);
    await long.over;
  });

  it('cost one look for all who follow, and are refused to one too many', async () => {
    const all = Array.from({ length: MAX_LISTENERS }, (_, i) => listen(`caller ${i % 20}`));
    expect(() => listen('one more')).toThrow('too_busy');
    await clock.advance(secondMs);
    const before = looks;
    for (let i = 0; i < 10; i += 1) await clock.advance(secondMs);
    expect(looks - before).toBeLessThanOrEqual(50);
    for (const { leave } of all) leave();
    await Promise.all(all.map(({ over }) => over));
    const again = listen('one more');
    again.leave();
    await again.over;
  });

  it('are not taken away from others by one caller', async () => {
    const hostile = Array.from({ length: MAX_LISTENERS_OF_CALLER }, () => listen('hostile'));
    expect(() => listen('hostile')).toThrow('too_busy');
    const other = listen('other');
    for (const { leave } of [...hostile, other]) leave();
    await Promise.all([...hostile, other].map(({ over }) => over));
  });

  it('are those of a rebuild that is known', () => {
    const listener = { name: 'somebody', gone: new AbortController().signal };
    expect(() => events.follow(projection, 'r2', listener)).toThrow('unknown_rebuild');
    expect(() => events.follow('trial-balance', 'r1', listener)).toThrow('unknown_rebuild');
  });
});
