import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const script = join(__dirname, 'kafka.sh');
/** Fetching the jars included, where nobody has fetched them yet. */
export const START_TIMEOUT_MS = 240_000;
/** Ports that are tried before giving up. */
const PORT_TRIES = 50;
/** Below the range from which systems give ports to whoever asks for any. */
const FIRST_PORT = 20_000;
const PORT_SPAN = 10_000;

/** A Kafka of its own for a spec, in a folder that is thrown away. */
export class KafkaCluster {
  private constructor(
    readonly directory: string,
    readonly brokers: readonly string[],
  ) {}

  /** Starts a cluster and waits until it serves. Rejects where it cannot: an engine that is missing fails the test. */
  static async start(brokers = 1): Promise<KafkaCluster> {
    const directory = mkdtempSync(join(tmpdir(), 'meterbook-kafka-'));
    const port = await freePorts(2 * brokers);
    const { stdout } = await run(script, ['start', directory, String(port), String(brokers)], {
      timeout: START_TIMEOUT_MS,
      env: { ...process.env, KAFKA_OWNER: String(process.pid) },
    });
    return new KafkaCluster(directory, stdout.trim().split(','));
  }

  /** Starts the brokers that do not run, and waits until all serve. */
  async restart(): Promise<void> {
    await run(script, ['start', this.directory], { timeout: START_TIMEOUT_MS });
  }

  /** Lets a broker hand over and end. */
  async stopBroker(broker: number): Promise<void> {
    await run(script, ['stop', this.directory, String(broker)]);
  }

  /** Ends a broker without warning, or lets it sleep (SIGSTOP) and wake (SIGCONT). */
  signal(broker: number, signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    process.kill(Number(readFileSync(join(this.directory, `broker-${broker}`, 'pid'), 'utf8')), signal);
  }

  /** Ends all brokers and forgets their data. */
  async destroy(): Promise<void> {
    for (const broker of this.brokers.keys()) this.tryKill(broker);
    await run(script, ['stop', this.directory]);
    rmSync(this.directory, { recursive: true, force: true });
  }

  private tryKill(broker: number): void {
    try {
      this.signal(broker, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  }
}

/** Fetches Kafka's jars where they are missing, and says where they are. */
export async function jarsFolder(): Promise<string> {
  return (await run(script, ['jars'], { timeout: START_TIMEOUT_MS })).stdout.trim();
}

/** The cluster of `KAFKA_BROKERS` where that is set, else one of its own; `destroy` leaves the former alone. */
export async function clusterForTests(): Promise<Pick<KafkaCluster, 'brokers' | 'destroy'>> {
  const given = process.env['KAFKA_BROKERS'];
  if (!given) return KafkaCluster.start();
  return { brokers: given.split(','), destroy: async () => undefined };
}

async function freePorts(count: number): Promise<number> {
  for (let tries = 0; tries < PORT_TRIES; tries += 1) {
    const first = FIRST_PORT + Math.floor(Math.random() * PORT_SPAN);
    const ports = Array.from({ length: count }, (_, i) => first + i);
    if ((await Promise.all(ports.map(isFree))).every((free) => free)) return first;
  }
  throw new Error(`no ${count} free ports in a row`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
      .once('error', () => resolve(false))
      .once('listening', () => server.close(() => resolve(true)))
      .listen(port, '127.0.0.1');
  });
}
