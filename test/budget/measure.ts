import { fork, type ChildProcess } from 'node:child_process';
import type { LargeRequest } from './large-request';
import { fullOfMembers, largestRequests, type Known } from './largest-requests';
import { COMMAND_BODY_LIMIT_BYTES } from '@meterbook/http/http-app';
import { USAGE_BODY_LIMIT_BYTES, USAGE_PATH } from '@meterbook/usage-ingest/accept-usage/usage.controller';

/** What a caller beside a large request may notice, in milliseconds: 99 of 100 liveness probes, and any recharge. */
const liveBudgetMs = 50;
const rechargeBudgetMs = 100;
/** A slow disk is no fault of ours: a recharge may take so many times what making a page durable alone takes. */
const rechargeBudgetSyncs = 10;
/** Nor is a busy machine: so many times what a probe takes while nobody asks for anything. */
const liveBudgetIdle = 2;

/** What holds in one run, on its machine, in milliseconds. */
export interface Limits {
  readonly liveMs: number;
  readonly rechargeMs: number;
}

/** The budgets, or what this machine makes of them. */
export async function limitsOf(url: string, folder: string, probe: Probe): Promise<Limits> {
  const syncMs = await probe.syncMs(folder);
  await probe.watch(url);
  await new Promise((resolve) => setTimeout(resolve, windowMs));
  const { live } = await probe.stop();
  return {
    liveMs: Math.max(liveBudgetMs, liveBudgetIdle * percentile(live, 0.99)),
    rechargeMs: Math.max(rechargeBudgetMs, rechargeBudgetSyncs * syncMs),
  };
}

/** How long a request is asked again and again, and how long one may take, in milliseconds. */
const windowMs = 1500;
const requestTimeoutMs = 180_000;
/** Another process of the machine can be in the way once, not every time. */
const attempts = 3;

export interface Measured {
  readonly request: string;
  readonly liveMs: number;
  readonly rechargeMs: number;
  /** Longest that the request itself took. */
  readonly ownMs: number;
  readonly unexpected: readonly string[];
}

interface Seen {
  readonly live: readonly number[];
  readonly recharge: readonly number[];
  readonly failed: readonly string[];
}

/** The separate client, told by messages what to do. */
export class Probe {
  private readonly child: ChildProcess;

  constructor(file: string) {
    this.child = fork(file);
  }

  /** 99 of 100 writes of a page were durable within so many milliseconds. */
  async syncMs(folder: string): Promise<number> {
    return percentile(await this.ordered<readonly number[]>({ order: 'sync', folder }), 0.99);
  }

  async watch(url: string): Promise<void> {
    await this.ordered({ order: 'watch', url });
  }

  stop(): Promise<Seen> {
    return this.ordered<Seen>({ order: 'stop' });
  }

  end(): void {
    this.child.kill();
  }

  private ordered<Answer>(order: object): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const ended = (): void => reject(new Error('the probing client ended'));
      this.child.once('exit', ended);
      this.child.once('message', (answer) => {
        this.child.off('exit', ended);
        resolve(answer as Answer);
      });
      this.child.send(order);
    });
  }
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

function largestBody(route: string): number {
  return route === `POST ${USAGE_PATH}` ? USAGE_BODY_LIMIT_BYTES : COMMAND_BODY_LIMIT_BYTES;
}

/** Each request of a route, and for one that takes a body that of nothing but members, as large as it may be, as often as the budget needs. */
export async function measureRoute(
  route: string,
  url: string,
  probe: Probe,
  known: Known,
  limits: Limits,
): Promise<Measured[]> {
  const makes = [...(largestRequests[route] ?? [])];
  const first = makes[0]?.(0, known);
  if (first?.body !== undefined && !route.endsWith('/rulebook'))
    makes.push(() => ({
      ...first,
      body: fullOfMembers(largestBody(route)),
      status: [200, 400, 409, 413, 415, 422, 503],
    }));
  const measured: Measured[] = [];
  for (const [at, make] of makes.entries()) {
    let best: Measured | undefined;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const name = `${route} #${at + 1}`;
      const now = await measureRequest(name, (round) => make(round + attempt * 1000, known), route, url, probe);
      const isBetter = !best || now.liveMs + now.rechargeMs < best.liveMs + best.rechargeMs;
      // What is within the limits counts; of the rest the quickest says most.
      if (isBetter || isWithin(now, limits)) best = now;
      if (isWithin(now, limits)) break;
    }
    if (best) measured.push(best);
  }
  return measured;
}

export function isWithin({ liveMs, rechargeMs, unexpected }: Measured, limits: Limits): boolean {
  return liveMs <= limits.liveMs && rechargeMs <= limits.rechargeMs && unexpected.length === 0;
}

async function measureRequest(
  name: string,
  make: (round: number) => LargeRequest,
  route: string,
  url: string,
  probe: Probe,
): Promise<Measured> {
  const method = route.slice(0, route.indexOf(' '));
  const requests = [make(0)];
  await probe.watch(url);
  const endsAtMs = performance.now() + windowMs;
  const unexpected: string[] = [];
  let ownMs = 0;
  for (let round = 0; round === 0 || performance.now() < endsAtMs; round++) {
    const request = requests[round] ?? make(round);
    const startedMs = performance.now();
    const status = await answered(method, url, request);
    ownMs = Math.max(ownMs, performance.now() - startedMs);
    if (!request.status.includes(status)) unexpected.push(`${status} instead of ${request.status.join(' or ')}`);
    if (request.once) break;
  }
  const rest = endsAtMs - performance.now();
  if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
  const { live, recharge, failed } = await probe.stop();
  return {
    request: `${name} ${requests[0]?.path ?? ''} ${requests[0]?.accept ?? ''} ${requests[0]?.body?.length ?? 0} B`,
    liveMs: Math.round(percentile(live, 0.99)),
    rechargeMs: Math.round(percentile(recharge, 1)),
    ownMs: Math.round(ownMs),
    unexpected: [...new Set([...unexpected, ...failed])],
  };
}

/** Reads the answer to its end, without looking into it. */
async function answered(
  method: string,
  url: string,
  { path, body, contentType, accept, bearer }: LargeRequest,
): Promise<number> {
  const answer = await fetch(url + path, {
    method,
    headers: {
      ...(contentType && { 'content-type': contentType }),
      ...(accept && { accept }),
      ...(bearer && { authorization: `Bearer ${bearer}` }),
    },
    ...(body !== undefined && { body }),
    signal: AbortSignal.timeout(requestTimeoutMs),
  });
  await answer.body?.pipeTo(new WritableStream());
  return answer.status;
}
