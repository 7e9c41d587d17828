import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Asking } from '../asking';
import { accountName, platform } from '../books';
import { fullRateOf, unusedIds, UsageFlow } from '../usage-flow';

const rechargesPerSecond = 20;
const connections = 32;
/** How long usage is sent as fast as it is taken, to know the full rate, milliseconds. */
const fullRateMs = 3_000;
/** How often the memory of the process is looked at, milliseconds. */
const lookEveryMs = 200;
const KIB_PER_MIB = 1024;

/** The process that is asked. */
export interface Asked {
  readonly url: string;
  readonly pid: number;
  /** Accounts that usage and recharges are spread over. */
  readonly accounts: number;
}

export interface Beside<T> {
  readonly result: T;
  readonly workMs: number;
  readonly usagePerSecond: number;
  readonly recharges: number;
  readonly rechargeP99Ms: number;
  readonly rssBeforeMiB: number;
  readonly rssMostMiB: number;
}

/** Usages a second that are charged when they come as fast as they are taken; the first run of them reads accounts and code, and does not count. */
export async function fullRate({ url, accounts }: Asked): Promise<number> {
  await fullRateOf(url, accounts, fullRateMs);
  return (await fullRateOf(url, accounts, fullRateMs)).chargedPerSecond;
}

/** Does some work beside so much usage, and 20 recharges a second whose answers are timed. */
export async function beside<T>(asked: Asked, usagePerSecond: number, work: () => Promise<T>): Promise<Beside<T>> {
  const usage = usagePerSecond > 0 ? new UsageFlow(asked.url, unusedIds(), asked.accounts) : undefined;
  const flowing = usage?.run(usagePerSecond);
  const recharging = new Recharging(asked, `run-${unusedIds()}`);
  const timed = recharging.run();
  const memory = new Memory(asked.pid);
  const watching = memory.watch();
  const startedMs = performance.now();
  const result = await work();
  const workMs = performance.now() - startedMs;
  memory.stop();
  recharging.stop();
  usage?.stop();
  await watching;
  const latencies = (await timed).sort((a, b) => a - b);
  return {
    result,
    workMs,
    usagePerSecond: (await flowing) ?? 0,
    recharges: latencies.length,
    rechargeP99Ms: p99(latencies),
    rssBeforeMiB: memory.before,
    rssMostMiB: memory.most,
  };
}

/** The ninety-ninth of a hundred. */
export function p99(latencies: readonly number[]): number {
  const sorted = [...latencies].sort((a, b) => a - b);
  return sorted[Math.floor(0.99 * (sorted.length - 1))] ?? 0;
}

class Recharging {
  private stopped = false;

  constructor(
    private readonly asked: Asked,
    private readonly name: string,
  ) {}

  stop(): void {
    this.stopped = true;
  }

  async run(): Promise<number[]> {
    const asking = new Asking(this.asked.url, connections);
    const startedMs = performance.now();
    const answers: Promise<number>[] = [];
    for (let number = 0; !this.stopped; number++) {
      answers.push(this.recharge(asking, number));
      await sleep(Math.max(0, startedMs + ((number + 1) * 1000) / rechargesPerSecond - performance.now()));
    }
    const latencies = await Promise.all(answers);
    asking.close();
    return latencies;
  }

  private async recharge(asking: Asking, number: number): Promise<number> {
    const path = `/v1/platforms/${platform}/accounts/${accountName(number % this.asked.accounts)}/recharges`;
    const payment = { rechargeId: `${this.name}-${number}`, provider: 'manual', amount: '1', currency: 'CNY' };
    const startedMs = performance.now();
    const { status } = await asking.post(path, JSON.stringify(payment));
    if (status !== 201) throw new Error(`a recharge was answered with ${status}`);
    return performance.now() - startedMs;
  }
}

class Memory {
  readonly before: number;
  most = 0;
  private stopped = false;

  constructor(private readonly pid: number) {
    this.before = this.look();
  }

  stop(): void {
    this.stopped = true;
  }

  async watch(): Promise<void> {
    while (!this.stopped) {
      this.most = Math.max(this.most, this.look());
      await sleep(lookEveryMs);
    }
  }

  /** Resident memory of all threads of the process, MiB. */
  private look(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / KIB_PER_MIB);
  }
}
