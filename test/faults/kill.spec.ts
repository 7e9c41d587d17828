import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, request } from '../support/client';
import { plainRulebook, usageEvent } from '../support/plain-platform';
import { StandaloneProcess } from '../support/standalone-process';

const accounts = 20;
const batchSize = 25;
/** The longest a process lives before it is ended, and the latest that it must have caught up after the last start. */
const longestLifeMs = 700;
const caughtUpWithinMs = 60_000;

const platform = 'killed';
const rulebook = plainRulebook(platform, '0.000001');

/** Park and Miller's generator: a run can be repeated with its seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

interface UsageEvent {
  readonly id: string;
  readonly subject: string;
  readonly time: string;
}

/** How a process is ended in mid-work, and how often. */
const ends: readonly [string, number, (running: StandaloneProcess) => Promise<void>][] = [
  ['kill -9', 50, (running) => running.kill()],
  ['SIGTERM', 8, async (running) => expect(await running.stop()).toBe(0)],
];

describe.each(ends)('a process that is ended at random moments by %s', (_how, times, end) => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-kill-'));
  /** Batches that were answered with 202. */
  const accepted = new Set<readonly UsageEvent[]>();
  const seed = Date.now() % 2_147_483_647;
  const random = seeded(seed);
  let running: StandaloneProcess;
  // Where the test has failed the process still runs, and whoever started it would wait for it for ever.
  afterAll(async () => {
    await running.kill();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Sends a batch and says whether it was answered; a broken connection leaves open whether it was accepted. */
  const send = async (url: string, events: readonly UsageEvent[]): Promise<boolean> => {
    try {
      const { status } = await request(
        url,
        'POST',
        '/v1/usage',
        events.map((event) => usageEvent({ platform, ...event })),
      );
      if (status === 202) accepted.add(events);
      return true;
    } catch {
      return false;
    }
  };

  const fresh = (batch: number): UsageEvent[] => {
    const time = new Date().toISOString();
    return Array.from({ length: batchSize }, (_, i) => ({
      id: `${batch}-${i}`,
      subject: `a${Math.floor(random() * accounts)}`,
      time,
    }));
  };

  it(
    `charges every accepted usage exactly once (${times} times)`,
    async () => {
      const sent: UsageEvent[][] = [];
      running = await StandaloneProcess.start(directory);
      expect((await request(running.url, 'PUT', `/v1/platforms/${platform}/rulebook`, rulebook)).status).toBe(201);
      for (let a = 0; a < accounts; a++) {
        const body = { rechargeId: 'r', provider: 'manual', amount: '1', currency: 'USD' };
        expect(
          (await request(running.url, 'POST', `/v1/platforms/${platform}/accounts/a${a}/recharges`, body)).status,
        ).toBe(201);
      }
      for (let ended = 0; ended < times; ended++) {
        const { url } = running;
        const flow = async (): Promise<void> => {
          let answered = true;
          while (answered) {
            const again = sent.length > 0 && random() < 0.3 ? sent[Math.floor(random() * sent.length)] : undefined;
            const events = again ?? fresh(sent.length);
            if (!again) sent.push(events);
            answered = await send(url, events);
          }
        };
        const flows = [flow(), flow(), flow()];
        await new Promise((resolve) => setTimeout(resolve, random() * longestLifeMs));
        await end(running);
        await Promise.all(flows);
        running = await StandaloneProcess.start(directory);
      }
      // Whoever got no answer sends the same again until it is accepted. What was accepted is never sent again: it must not be lost.
      for (const events of sent) while (!accepted.has(events)) await send(running.url, events);
      const owed = new Map<string, number>();
      for (const { subject } of sent.flat()) owed.set(subject, (owed.get(subject) ?? 0) + 1);
      for (const [account, count] of owed) {
        const wallet = String((1_000_000 - count) / 1_000_000);
        await eventually(
          () => request(running.url, 'GET', `/v1/platforms/${platform}/accounts/${account}`),
          ({ body }) => body['wallet'] === wallet,
          caughtUpWithinMs,
        );
      }
      const verified = await request(running.url, 'POST', '/v1/verify', {});
      expect(verified.body).toMatchObject({ ok: true, faults: [] });
      const balance = await request(running.url, 'GET', `/v1/platforms/${platform}/finance/trial-balance`);
      expect(balance.body['totals']).toEqual([expect.objectContaining({ commodity: 'USD', balance: '0' })]);
      const letters = await request(running.url, 'GET', `/v1/dead-letters?platform=${platform}`);
      expect(letters.body['items']).toEqual([]);
      expect(await running.stop()).toBe(0);
      console.info(`seed ${seed}: ${sent.flat().length} usages, ended ${times} times`);
    },
    20 * 60_000,
  );
});
