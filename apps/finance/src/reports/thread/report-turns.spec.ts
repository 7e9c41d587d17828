import type { Problem } from '@meterbook/http/problem/problem';
import { ReportTurns } from './report-turns';

describe('the turns of reports', () => {
  let turns: ReportTurns;
  let taken: string[];

  beforeEach(() => {
    turns = new ReportTurns();
    taken = [];
  });

  const take = (caller: string, signal = new AbortController().signal): Promise<() => void> =>
    turns.take(caller, signal).then((giveBack) => {
      taken.push(caller);
      return giveBack;
    });
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('run four at a time, three of a caller; of those that wait the caller with fewest is next', async () => {
    const greedy = Array.from({ length: 3 }, () => take('greedy'));
    const running: (() => void)[] = await Promise.all([...greedy, take('other')]);
    const waiting = [take('greedy'), take('greedy'), take('modest')];
    await settle();
    expect(taken).toHaveLength(4);
    running[0]?.();
    running[0]?.();
    await settle();
    expect(taken.slice(4)).toEqual(['modest']);
    for (const giveBack of running.slice(1)) giveBack();
    await Promise.all(waiting);
    expect(taken.slice(4)).toEqual(['modest', 'greedy', 'greedy']);
  });

  it('are refused beyond the share of a caller, while others still wait for theirs', async () => {
    const asked = Array.from({ length: 200 }, () => take('greedy').catch((error: unknown) => error));
    void take('modest');
    await settle();
    const refused = await Promise.all(asked.slice(128));
    expect(refused).toHaveLength(72);
    for (const error of refused) expect(error).toMatchObject({ code: 'too_busy', status: 503 });
    expect((refused[0] as Problem).headers).toEqual({ 'retry-after': '2' });
    // A caller has three turns at the most, so that one is left.
    expect(taken).toEqual(['greedy', 'greedy', 'greedy', 'modest']);
    ((await asked[0]) as () => void)();
    await settle();
    expect(taken.slice(4)).toEqual(['greedy']);
  });

  it('are refused where too many wait in all', async () => {
    const asked = Array.from({ length: 600 }, (_, i) => take(`caller-${i}`).catch(() => 'refused'));
    await settle();
    expect(await Promise.all(asked.slice(516))).toEqual(Array.from({ length: 84 }, () => 'refused'));
  });

  it('are given up by who goes away while waiting', async () => {
    const running = await Promise.all(['a', 'a', 'd', 'd'].map((caller) => take(caller)));
    const gone = new AbortController();
    const waiting = take('b', gone.signal);
    gone.abort();
    await expect(waiting).rejects.toThrow('gone away');
    const next = take('c');
    running[0]?.();
    await next;
    expect(taken.slice(4)).toEqual(['c']);
  });
});
