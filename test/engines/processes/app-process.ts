import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const endWithParent = join(__dirname, '../../support/end-with-parent.cjs');
const dist = join(__dirname, '../../../dist/apps');
/** How long a start may take, recovery included. */
const startTimeoutMs = 60_000;
/** Lines of the log that are kept to explain a failure. */
const keptLines = 30;

export type AppName = 'usage-ingest' | 'ledger' | 'tier-projection' | 'finance' | 'webhooks';

/** One built service as a process of its own, on a port that the system chose. */
export class AppProcess {
  private askedToEnd = false;

  private constructor(
    readonly app: AppName,
    readonly url: string,
    /** The last lines of its log. */
    readonly lines: readonly string[],
    private readonly child: ChildProcess,
    private readonly ended: Promise<void>,
  ) {}

  /** Resolves once it listens; its engines may still be away. */
  static async start(app: AppName, environment: Readonly<Record<string, string>>): Promise<AppProcess> {
    const child = spawn(process.execPath, ['--require', endWithParent, join(dist, app, 'src/main.js')], {
      env: { PATH: process.env['PATH'], LOG_LEVEL: 'info', ...environment, PORT: '0', HOST: '127.0.0.1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const lines: string[] = [];
    const keep = (line: string): void => void lines.splice(0, lines.push(line) - keptLines);
    createInterface({ input: child.stderr }).on('line', keep);
    const url = await new Promise<string>((resolve, reject) => {
      const fail = (why: string): void => reject(new Error(`${app} ${why}: ${lines.join('\n')}`));
      const timeout = setTimeout(() => fail('did not start in time'), startTimeoutMs);
      void ended.then(() => {
        clearTimeout(timeout);
        fail('ended before it listened');
      });
      createInterface({ input: child.stdout }).on('line', (line) => {
        keep(line);
        const address = /"address":"([^"]+)"/.exec(line)?.[1];
        if (address === undefined) return;
        clearTimeout(timeout);
        resolve(address);
      });
    });
    return new AppProcess(app, url, lines, child, ended);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get runs(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Throws where it has ended although nobody asked it to. */
  expectAlive(): void {
    if (this.runs || this.askedToEnd) return;
    const how = this.child.signalCode ?? this.child.exitCode;
    throw new Error(`${this.app} ended by itself with ${how}: ${this.lines.join('\n')}`);
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    this.askedToEnd = true;
    this.child.kill('SIGKILL');
    await this.ended;
  }

  /** Lets it sleep, as a machine that hangs does, or wake again. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child.kill(signal);
  }

  /** Resolves with its exit code once it has ended by itself. */
  async end(): Promise<number | null> {
    this.askedToEnd = true;
    await this.ended;
    return this.child.exitCode;
  }

  /** Asks it to end, and answers with its exit code. */
  async stop(): Promise<number | null> {
    this.askedToEnd = true;
    this.child.kill('SIGTERM');
    await this.ended;
    return this.child.exitCode;
  }
}
