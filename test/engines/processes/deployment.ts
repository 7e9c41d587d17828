import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KafkaCluster } from '../kafka/kafka-cluster';
import { AppProcess, type AppName } from './app-process';
import { PathProxy } from './path-proxy';
import { WireStoreProcess } from './wire-store-process';

export const appNames: readonly AppName[] = ['usage-ingest', 'ledger', 'tier-projection', 'finance', 'webhooks'];

/** What processes of a deployment meet in. */
export interface Engines {
  /** Variables that name the engines. */
  readonly environment: Readonly<Record<string, string>>;
  readonly kafka: KafkaCluster | null;
  /** The event store, where it is a process of its own. */
  readonly store: WireStoreProcess | null;
  /** Whether the processes share one `DATA_DIR`, as they have to where the engines are files in it. */
  readonly sharedData: boolean;
  destroy(): Promise<void>;
}

/** A Kafka and an event store of the wire test server, each in processes of its own. Rejects where one cannot be had. */
export async function serverEngines(): Promise<Engines> {
  const kafka = await KafkaCluster.start();
  const store = new WireStoreProcess();
  await store.start();
  return {
    environment: {
      EVENTSTORE_URL: store.url,
      KAFKA_BROKERS: kafka.brokers.join(','),
      KAFKA_REPLICATION_FACTOR: '1',
      KAFKA_MIN_INSYNC_REPLICAS: '1',
      KAFKA_SESSION_TIMEOUT_MS: '6000',
    },
    kafka,
    store,
    sharedData: false,
    destroy: async () => {
      await store.destroy();
      await kafka.destroy();
    },
  };
}

/** Files in one folder, which the processes of one machine share. */
export function embeddedEngines(): Engines {
  return { environment: {}, kafka: null, store: null, sharedData: true, destroy: async () => undefined };
}

/** Services as processes on some engines, behind one address. */
export class Deployment {
  readonly directory = mkdtempSync(join(tmpdir(), 'meterbook-processes-'));
  readonly running = new Map<string, AppProcess>();
  private readonly proxy = new PathProxy((app) => this.urlOf(app));
  private address = '';

  constructor(private readonly engines: Engines) {}

  /** The address that answers for all services. */
  get url(): string {
    return this.address;
  }

  /** Opens the one address, with nobody behind it yet. */
  async listen(): Promise<void> {
    this.address = await this.proxy.listen();
  }

  /** Opens the one address, and starts one process of each service. */
  async start(environment: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.listen();
    await Promise.all(appNames.map((app) => this.run(app, app, environment)));
  }

  /** Starts a process under a name, by default the service's; the same name gets the same folder again. */
  async run(app: AppName, name: string = app, environment: Readonly<Record<string, string>> = {}): Promise<AppProcess> {
    const started = await AppProcess.start(app, {
      ...this.engines.environment,
      ...environment,
      DATA_DIR: this.dataOf(name),
    });
    this.running.set(name, started);
    return started;
  }

  /** Where a process keeps its files. */
  dataOf(name: string): string {
    return join(this.directory, this.engines.sharedData ? 'data' : name);
  }

  process(name: string): AppProcess {
    const found = this.running.get(name);
    if (!found) throw new Error(`no process is called ${name}`);
    return found;
  }

  /** Throws where a process has ended although nobody asked it to. */
  expectAlive(): void {
    for (const process of this.running.values()) process.expectAlive();
  }

  /** Asks every process to end; answers with the exit codes by name. */
  async stop(): Promise<Readonly<Record<string, number | null>>> {
    const stopped = [...this.running].filter(([, { runs }]) => runs);
    const codes = await Promise.all(stopped.map(async ([name, process]) => [name, await process.stop()] as const));
    return Object.fromEntries(codes);
  }

  /** Ends what still runs, and forgets everything. */
  async destroy(): Promise<void> {
    await Promise.all([...this.running.values()].map((process) => process.kill()));
    await this.proxy.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Of several processes of a service any will do. */
  private urlOf(app: AppName): string {
    const found = [...this.running.values()].filter((process) => process.app === app && process.runs).at(-1);
    return found?.url ?? 'http://127.0.0.1:1';
  }
}
