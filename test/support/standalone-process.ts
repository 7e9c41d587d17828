import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { letGo, waitFor } from './leftover-process';

/** Found from the sources, and from what is built of this file: the hook itself is not built. */
const endWithParent = join(__dirname, isBuilt() ? '../../../test/support' : '.', 'end-with-parent.cjs');
const entry = join(__dirname, '../../dist/apps/standalone/src/main.js');
/** How long a start may take, recovery included. */
const startTimeoutMs = 60_000;

/** It ended before it listened; the message is what it wrote to standard error. */
export class NotStarted extends Error {
  override readonly name = 'NotStarted';
}

export interface StartOptions {
  /** Another build's entry, where the caller is itself built, or one that sets the standalone up for a test. */
  readonly entryFile?: string;
  /** Errors in its log are expected. */
  readonly quiet?: boolean;
}

/** The built standalone as a process of its own, on a port that the system chose. */
export class StandaloneProcess {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
    private readonly ended: Promise<void>,
  ) {}

  /** Starts it; rejects with `NotStarted` where it ends before it listens. */
  static async start(
    dataDir: string,
    environment: Readonly<Record<string, string>> = {},
    options: StartOptions = {},
  ): Promise<StandaloneProcess> {
    const child = spawn(process.execPath, ['--require', endWithParent, options.entryFile ?? entry], {
      env: { ...process.env, LOG_LEVEL: 'info', ...environment, PORT: '0', HOST: '127.0.0.1', DATA_DIR: dataDir },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let complaints = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const url = await new Promise<string>((resolve, reject) => {
      const timeout = setTimeout(() => {
        child.kill('SIGKILL');
        reject(new Error('the standalone did not start in time'));
      }, startTimeoutMs);
      void ended.then(() => {
        clearTimeout(timeout);
        reject(new NotStarted(complaints));
      });
      createInterface({ input: child.stdout }).on('line', (line) => {
        const address = addressIn(line);
        if (address === undefined) {
          if (!options.quiet && /"level":"(error|fatal)"/.test(line)) console.error(line);
          return;
        }
        clearTimeout(timeout);
        resolve(address);
      });
    });
    letGo(child);
    // What it complains of from now on is for whoever reads the test's output.
    child.stderr.on('data', (text: string) => process.stderr.write(text));
    return new StandaloneProcess(url, child, ended);
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.untilEnded();
  }

  /** Asks it to end, and waits. */
  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    await this.untilEnded();
    return this.child.exitCode;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  private async untilEnded(): Promise<void> {
    waitFor(this.child);
    await this.ended;
  }
}

function isBuilt(): boolean {
  return __filename.endsWith('.js');
}

function addressIn(line: string): string | undefined {
  try {
    const { address } = JSON.parse(line) as { address?: unknown };
    return typeof address === 'string' ? address : undefined;
  } catch {
    return undefined;
  }
}
