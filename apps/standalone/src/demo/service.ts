import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const entry = join(__dirname, '../main.js');
/** How long the service may take to listen, and to stop, in milliseconds. */
const startTimeoutMs = 45_000;
const stopTimeoutMs = 15_000;
/** Last lines of its log that are shown when it does not start. */
const lastLines = 5;

/** The standalone as a process of its own, with a temporary directory of its own. */
export class Service {
  readonly directory = mkdtempSync(join(tmpdir(), 'meterbook-demo-'));
  readonly logFile = join(this.directory, 'service.log');
  private child: ChildProcess | undefined;
  private exited: Promise<void> = Promise.resolve();

  /** Starts it and answers with its address. */
  async start(port: string): Promise<string> {
    const child = spawn(process.execPath, [entry], {
      // Nothing of the caller's environment: tokens or tuning that are set there would change the story.
      env: {
        HOST: '127.0.0.1',
        PORT: port === '' ? '0' : port,
        DATA_DIR: join(this.directory, 'data'),
        LOG_LEVEL: 'info',
        PRESETS: 'publish',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that Ctrl-C in a terminal reaches the demo alone, which then stops it in order.
      detached: true,
    });
    this.child = child;
    this.exited = new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
    process.once('exit', () => child.kill('SIGKILL'));
    const log = createWriteStream(this.logFile);
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    const late = new AbortController();
    try {
      return await Promise.race([
        addressOf(child),
        this.exited.then(() => this.fail('ended before it listened')),
        after(startTimeoutMs, late.signal).then(() => this.fail(`did not listen within ${startTimeoutMs} ms`)),
      ]);
    } finally {
      late.abort();
    }
  }

  /** Rejects when the service ends by itself. */
  async watched(): Promise<never> {
    await this.exited;
    return this.fail('ended by itself');
  }

  /** Asks it to stop and waits; ends it when it takes too long. */
  async stop(): Promise<void> {
    const done = new AbortController();
    this.child?.kill('SIGTERM');
    const late = after(stopTimeoutMs, done.signal).then(() => this.child?.kill('SIGKILL'));
    await Promise.race([this.exited, late]);
    await this.exited;
    done.abort();
  }

  removeFiles(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  private fail(what: string): never {
    const lines = readFileSync(this.logFile, 'utf8').trimEnd().split('\n');
    throw new Error(`The service ${what}. The last lines of its log:\n${lines.slice(-lastLines).join('\n')}`);
  }
}

/** The log line that says where it listens has the address. */
function addressOf({ stdout }: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    if (!stdout) return;
    createInterface({ input: stdout }).on('line', (line) => {
      const address = /"address":"(http[^"]+)"/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
  });
}

function after(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => clearTimeout(timer));
  });
}
