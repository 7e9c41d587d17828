import { cpuUsage } from 'node:process';

/** Work that was done, how long it took, and how much of this process's processors. */
export interface Measured {
  readonly count: number;
  readonly ms: number;
  readonly cpuMs: number;
}

/** Runs from its making until it is asked. */
export class Stopwatch {
  private readonly startedMs = performance.now();
  private readonly startedCpu = cpuUsage();

  read(count: number): Measured {
    const { user, system } = cpuUsage(this.startedCpu);
    return { count, ms: performance.now() - this.startedMs, cpuMs: (user + system) / 1000 };
  }
}

/** Measures one piece of work, which says how much it was. */
export async function measured(work: () => Promise<number>): Promise<Measured> {
  const watch = new Stopwatch();
  const count = await work();
  return watch.read(count);
}

export type Trial = () => Promise<Measured>;

/** Each trial once unmeasured, so that all are warm, then all in turn for some rounds (A B A B); the sums by their names. */
export async function inTurns<Name extends string>(
  rounds: number,
  trials: Readonly<Record<Name, Trial>>,
): Promise<Readonly<Record<Name, Measured>>> {
  const sums = new Map<Name, Measured>();
  const named = Object.entries(trials) as [Name, Trial][];
  for (const [, trial] of named) await trial();
  for (let round = 0; round < rounds; round++)
    for (const [name, trial] of named) sums.set(name, sum(sums.get(name), await trial()));
  return Object.fromEntries(sums) as Record<Name, Measured>;
}

function sum(a: Measured | undefined, b: Measured): Measured {
  return a ? { count: a.count + b.count, ms: a.ms + b.ms, cpuMs: a.cpuMs + b.cpuMs } : b;
}

export function perSecond({ count, ms }: Measured): number {
  return count / (ms / 1000);
}

/** Processor time of this process for one, in microseconds. */
export function cpuEach({ count, cpuMs }: Measured): number {
  return (cpuMs * 1000) / count;
}

const whatWidth = 66;

export function tell(line: string): void {
  console.error(`  … ${line}`);
}

export function heading(title: string): void {
  console.log(`\n${title.padEnd(whatWidth)}     bare/s     ours/s   ratio   CPU bare   CPU ours`);
}

/** A line of the table; the last two figures are microseconds of this process's processors for one. */
export function compared(what: string, bare: Measured, ours: Measured): void {
  const rates = [bare, ours].map((one) => perSecond(one).toFixed(0).padStart(10));
  const cpu = [bare, ours].map((one) => cpuEach(one).toFixed(1).padStart(10));
  const ratio = (perSecond(ours) / perSecond(bare)).toFixed(2).padStart(7);
  console.log([what.padEnd(whatWidth), ...rates, ratio, ...cpu].join(' '));
}

export function alone(what: string, figure: string): void {
  console.log(`${what.padEnd(whatWidth)} ${figure}`);
}
