import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';

/** Ticks of the kernel's clock in which it counts the time of threads, per second. */
const ticksPerSecond = 100;

export interface Load {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU of the main thread of the process that answers, milliseconds a request. */
  readonly cpuMs: number;
}

/** A request as it goes over the wire. */
export function post(path: string, body: object): string {
  const text = JSON.stringify(body);
  return `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}

export function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;
}

/** One connection that sends a request, waits for the answer, and sends the next. It does as little as it can: it shares the machine. */
class Caller {
  private buffered = '';
  private answered: ((status: number) => void) | undefined;

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      this.buffered += chunk;
      this.look();
    });
  }

  static open(url: string): Promise<Caller> {
    const { hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      socket.once('error', reject).once('connect', () => resolve(new Caller(socket)));
    });
  }

  ask(request: string): Promise<number> {
    return new Promise((resolve) => {
      this.answered = resolve;
      this.socket.write(request);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private look(): void {
    const head = this.buffered.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(this.buffered.slice(0, head))?.[1] ?? 0);
    if (this.buffered.length < head + 4 + length) return;
    const status = Number(this.buffered.slice(9, 12));
    this.buffered = this.buffered.slice(head + 4 + length);
    this.answered?.(status);
  }
}

/** What the main thread of a process has used so far, milliseconds. */
function mainThreadMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}

/** So many callers, each with one request at a time, until all are answered. Throws at an answer of another status. */
export async function load(
  { url, pid }: { readonly url: string; readonly pid: number },
  callers: number,
  requests: number,
  status: number,
  requestOf: (number: number) => string,
): Promise<Load> {
  const connections = await Promise.all(Array.from({ length: callers }, () => Caller.open(url)));
  const latencies: number[] = [];
  let next = 0;
  const [startedMs, cpuBeforeMs] = [performance.now(), mainThreadMs(pid)];
  await Promise.all(
    connections.map(async (caller) => {
      for (let number = next++; number < requests; number = next++) {
        const askedMs = performance.now();
        const answered = await caller.ask(requestOf(number));
        if (answered !== status) throw new Error(`request ${number} was answered with ${answered}`);
        latencies.push(performance.now() - askedMs);
      }
    }),
  );
  const [ms, cpuMs] = [performance.now() - startedMs, mainThreadMs(pid) - cpuBeforeMs];
  for (const caller of connections) caller.close();
  latencies.sort((a, b) => a - b);
  const quantile = (share: number): number => latencies[Math.floor(share * (latencies.length - 1))] ?? 0;
  return {
    perSecond: requests / (ms / 1000),
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    cpuMs: cpuMs / requests,
  };
}
