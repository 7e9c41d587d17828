import { setTimeout as sleep } from 'node:timers/promises';
import { Asking } from './asking';
import { usageJson } from './books';

const usageBatch = 500;
const connections = 8;
/** How long is waited before a batch that was not taken is followed by another, milliseconds. */
const restMs = 50;

/** How often is looked whether all is charged, milliseconds: what threads count is told four times a second. */
const lookEveryMs = 50;

export interface FullRate {
  readonly takenPerSecond: number;
  readonly chargedPerSecond: number;
}

/** Usage in batches over HTTP; once told to end, how many were taken a second. */
export class UsageFlow {
  private begun = 0;
  private taken = 0;
  private stopped = false;
  private readonly asking: Asking;

  constructor(
    url: string,
    private readonly firstId: number,
    private readonly accounts: number,
  ) {
    this.asking = new Asking(url, connections);
  }

  /** How many were taken. */
  get count(): number {
    return this.taken;
  }

  stop(): void {
    this.stopped = true;
  }

  /** As fast as it is taken, or so many a second. */
  async run(perSecond = Infinity): Promise<number> {
    const startedMs = performance.now();
    await Promise.all(Array.from({ length: connections }, () => this.send(startedMs, perSecond)));
    this.asking.close();
    return this.taken / ((performance.now() - startedMs) / 1000);
  }

  private async send(startedMs: number, perSecond: number): Promise<void> {
    while (!this.stopped) {
      const first = this.begun;
      this.begun += usageBatch;
      const dueMs = startedMs + (first / perSecond) * 1000;
      if (dueMs > performance.now()) await sleep(dueMs - performance.now());
      const time = new Date().toISOString();
      const events = Array.from({ length: usageBatch }, (_, i) =>
        usageJson(this.firstId + first + i, Math.floor(Math.random() * this.accounts), time),
      );
      const { status } = await this.asking.post('/v1/usage', `[${events.join(',')}]`);
      if (status === 202) this.taken += usageBatch;
      else await sleep(restMs);
    }
  }
}

/** How many usages a second go through when they are sent as fast as they are taken for a while: until the last of them is charged. */
export async function fullRateOf(url: string, accounts: number, forMs: number): Promise<FullRate> {
  const flow = new UsageFlow(url, unusedIds(), accounts);
  const asking = new Asking(url, 1);
  const before = await chargedOn(asking);
  const startedMs = performance.now();
  setTimeout(() => flow.stop(), forMs);
  const takenPerSecond = await flow.run();
  while ((await chargedOn(asking)) - before < flow.count) await sleep(lookEveryMs);
  asking.close();
  return { takenPerSecond, chargedPerSecond: flow.count / ((performance.now() - startedMs) / 1000) };
}

/** A number from which on no usage was sent before, to whatever books. */
export function unusedIds(): number {
  return Date.now() * 1_000;
}

/** Usages that were charged since the process started. */
export async function chargedOn(asking: Asking): Promise<number> {
  const { text } = await asking.get('/metrics');
  return Number(/^meterbook_usage_total\{outcome="charged"\} (\S+)$/m.exec(text)?.[1] ?? 0);
}
