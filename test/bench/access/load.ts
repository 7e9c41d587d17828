import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Latency {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers by status. */
  readonly statuses: Readonly<Record<number, number>>;
}

export interface Call {
  readonly path: string;
  readonly body: string;
}

/** Requests that the sender lets pile up before it gives up keeping the rate. */
const MAX_SOCKETS = 512;

/** So many requests a second, each sent when it is due whether or not those before are answered; latency from when it was due. */
export async function atRate(
  url: string,
  perSecond: number,
  seconds: number,
  call: (i: number) => Call,
): Promise<Latency> {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  const answers: Promise<void>[] = [];
  const measured = new Measured();
  const started = performance.now();
  const count = Math.round(perSecond * seconds);
  for (let i = 0; i < count;) {
    const due = Math.min(count, Math.floor(((performance.now() - started) / 1000) * perSecond));
    for (; i < due; i++) answers.push(measured.time(started + (i * 1000) / perSecond, () => post(agent, url, call(i))));
    await sleep(1);
  }
  await Promise.all(answers);
  agent.destroy();
  return measured.figures(performance.now() - started);
}

/** So many callers, each of which sends its next request once it has its answer. */
export async function byCallers(
  url: string,
  callers: number,
  count: number,
  call: (i: number) => Call,
): Promise<Latency> {
  const agent = new Agent({ keepAlive: true, maxSockets: callers });
  const measured = new Measured();
  const started = performance.now();
  let next = 0;
  const caller = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) await measured.time(performance.now(), () => post(agent, url, call(i)));
  };
  await Promise.all(Array.from({ length: callers }, caller));
  agent.destroy();
  return measured.figures(performance.now() - started);
}

/** What the disk alone takes to make 4 KiB durable, the 99th of a hundred, milliseconds. */
export function rawSyncP99Ms(folder: string, count = 500): number {
  const file = openSync(join(folder, 'raw'), 'w');
  const page = Buffer.alloc(4096, 1);
  const times = Array.from({ length: count }, () => {
    const started = performance.now();
    writeSync(file, page);
    fdatasyncSync(file);
    return performance.now() - started;
  });
  closeSync(file);
  return at(times, 0.99);
}

class Measured {
  private readonly times: number[] = [];
  private readonly statuses: Record<number, number> = {};

  async time(since: number, send: () => Promise<number>): Promise<void> {
    const status = await send();
    this.times.push(performance.now() - since);
    this.statuses[status] = (this.statuses[status] ?? 0) + 1;
  }

  figures(tookMs: number): Latency {
    const { times, statuses } = this;
    return {
      perSecond: Math.round(times.length / (tookMs / 1000)),
      p50Ms: at(times, 0.5),
      p99Ms: at(times, 0.99),
      statuses,
    };
  }
}

function at(times: number[], share: number): number {
  return times.sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
}

function post(agent: Agent, url: string, { path, body }: Call): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sending = request(`${url}${path}`, { method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode ?? 0));
    });
    sending.once('error', reject);
    sending.end(body);
  });
}
