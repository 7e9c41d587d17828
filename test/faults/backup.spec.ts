import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, request } from '../support/client';
import { meterbook } from '../support/command-line';
import { plainRulebook, usageEvent } from '../support/plain-platform';
import { StandaloneProcess } from '../support/standalone-process';

const platform = 'kept';
const accounts = ['a', 'b', 'c', 'd'];
const backups = 4;
/** Usages in a batch, and how many rounds are answered before the first backup. */
const batch = 40;
const roundsBefore = 5;

/** Recharges and usage that go on until stopped, and what of them was answered with success. */
class Load {
  readonly recharges: { readonly account: string; readonly rechargeId: string }[] = [];
  readonly usages: { readonly account: string; readonly id: string }[] = [];
  private rounds = 0;
  private readonly stopped = new AbortController();
  private working: Promise<void> = Promise.resolve();

  start(url: string): void {
    this.working = this.work(url);
  }

  /** Resolves when so many more rounds were answered. */
  async passes(rounds: number): Promise<void> {
    const wanted = this.rounds + rounds;
    while (this.rounds < wanted) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.working;
  }

  private async work(url: string): Promise<void> {
    while (!this.stopped.signal.aborted) {
      const round = this.rounds;
      const answered = accounts.map((account) => this.round(url, account, round));
      // The process is ended while they are under way: what was not answered may be there or not.
      if ((await Promise.all(answered)).includes(false)) return;
      this.rounds += 1;
    }
  }

  private async round(url: string, account: string, round: number): Promise<boolean> {
    const rechargeId = `r${round}`;
    const body = { rechargeId, provider: 'manual', amount: '1000', currency: 'USD' };
    const ids = Array.from({ length: batch }, (_, i) => `u${account}-${round}-${i}`);
    const time = new Date().toISOString();
    const events = ids.map((id) => usageEvent({ platform, id, subject: account, time }));
    try {
      const path = `/v1/platforms/${platform}/accounts/${account}/recharges`;
      if ((await request(url, 'POST', path, body)).status === 201) this.recharges.push({ account, rechargeId });
      if ((await request(url, 'POST', '/v1/usage', events)).status === 202)
        this.usages.push(...ids.map((id) => ({ account, id })));
      return true;
    } catch {
      return false;
    }
  }
}

describe('a backup', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-backup-'));
  const path = (name: string): string => join(directory, name);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('that is made under load holds everything that was answered before, and restores to it after a kill -9', async () => {
    const load = new Load();
    const service = await StandaloneProcess.start(path('data'));
    await request(service.url, 'PUT', `/v1/platforms/${platform}/rulebook`, plainRulebook(platform));
    load.start(service.url);
    await load.passes(roundsBefore);
    let [recharges, usages] = [0, 0];
    const added: number[] = [];
    let store: unknown;
    for (let i = 0; i < backups; i += 1) {
      await load.passes(1);
      [recharges, usages] = [load.recharges.length, load.usages.length];
      const { code, out } = await meterbook(['backup', path('kept'), '--json'], { DATA_DIR: path('data') });
      expect(code).toBe(0);
      const report = JSON.parse(out) as { readonly events: number; readonly store: unknown };
      added.push(report.events);
      store = report.store;
    }
    await service.kill();
    await load.stop();
    // Each time only what is new.
    expect(Math.min(...added)).toBeGreaterThan(0);
    expect(usages).toBeGreaterThan(batch * roundsBefore);

    const restored = await meterbook(['restore', path('kept'), '--json'], { DATA_DIR: path('restored') });
    expect(restored.code).toBe(0);
    expect(JSON.parse(restored.out)).toMatchObject({ store, faults: [], events: added.reduce((a, b) => a + b) });
    const proved = await meterbook(['verify', '--json'], { DATA_DIR: path('restored') });
    expect(JSON.parse(proved.out)).toMatchObject({ ok: true, faults: [] });

    const again = await StandaloneProcess.start(path('restored'));
    try {
      for (const { account, rechargeId } of load.recharges.slice(0, recharges)) {
        const body = { rechargeId, provider: 'manual', amount: '1000', currency: 'USD' };
        const { status } = await request(
          again.url,
          'POST',
          `/v1/platforms/${platform}/accounts/${account}/recharges`,
          body,
        );
        expect([rechargeId, status]).toEqual([rechargeId, 200]);
      }
      for (const { account, id } of load.usages.slice(0, usages)) {
        const charges = `/v1/platforms/${platform}/accounts/${account}/charges?source=gateway&id=${id}`;
        await eventually(
          () => request(again.url, 'GET', charges),
          ({ body }) => (body['charges'] as unknown[]).length === 1,
        );
      }
      expect((await request(again.url, 'POST', '/v1/verify', {})).body).toMatchObject({ ok: true, faults: [] });
    } finally {
      expect(await again.stop()).toBe(0);
    }
  });

  it('is restored whole or not at all: a service refuses to start on a part of it, and the restore goes on', async () => {
    const DATA_DIR = path('part');
    expect((await meterbook(['restore', path('kept')], { DATA_DIR })).code).toBe(0);
    rmSync(join(DATA_DIR, 'store'), { recursive: true });
    await expect(StandaloneProcess.start(DATA_DIR)).rejects.toThrow(
      /store\/events\.db is missing, short of the \d+ events/,
    );
    const { code, out } = await meterbook(['restore', path('kept'), '--json'], { DATA_DIR });
    expect([code, (JSON.parse(out) as { readonly records: number }).records]).toEqual([0, 0]);
    const service = await StandaloneProcess.start(DATA_DIR);
    expect(await service.stop()).toBe(0);
  });

  it('is refused where it would mix books or write over any', async () => {
    const occupied = await meterbook(['restore', path('kept')], { DATA_DIR: path('data') });
    expect([occupied.code, occupied.err]).toEqual([
      1,
      expect.stringMatching(/data is not empty\.\nSet DATA_DIR to an empty/),
    ]);
    const nothing = await meterbook(['restore', path('nothing')], { DATA_DIR: path('new') });
    expect([nothing.code, nothing.err]).toEqual([1, expect.stringContaining('There is no whole backup in')]);
    const itself = await meterbook(['backup', path('data')], { DATA_DIR: path('data') });
    expect([itself.code, itself.err]).toEqual([2, expect.stringContaining('no backup of itself')]);

    mkdirSync(path('other'));
    const other = await StandaloneProcess.start(path('other'));
    await request(other.url, 'PUT', `/v1/platforms/${platform}/rulebook`, plainRulebook(platform));
    const mixed = await meterbook(['backup', path('kept')], { DATA_DIR: path('other') });
    expect(mixed.code).toBe(1);
    expect(mixed.err).toMatch(/is no earlier copy of .*\nChoose an empty folder\./);
    expect(await other.stop()).toBe(0);
    expect((await meterbook(['restore', path('kept')], { DATA_DIR: path('still') })).code).toBe(0);
  });
});
