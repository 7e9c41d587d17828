import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

const hooks = ['typescript-hook.cjs', '../../../../test/support/end-with-parent.cjs'].flatMap((hook) => [
  '--require',
  join(__dirname, hook),
]);

/** A process of its own that runs a TypeScript file, for specs that kill, stop and race real processes. */
export class Child {
  /** What it has written so far, a line each. */
  readonly lines: string[] = [];
  /** Resolves when it is gone, with the signal that ended it or its exit code. */
  readonly exited: Promise<NodeJS.Signals | number | null>;
  private readonly process: ChildProcessByStdio<Writable, Readable, null>;
  private readonly watchers = new Set<() => void>();
  private gone = false;

  constructor(script: string, ...args: string[]) {
    this.process = spawn(process.execPath, [...hooks, script, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    createInterface(this.process.stdout).on('line', (line) => {
      this.lines.push(line);
      this.look();
    });
    this.exited = new Promise((resolve) => {
      this.process.on('close', (code, signal) => {
        this.gone = true;
        this.look();
        resolve(signal ?? code);
      });
    });
  }

  /** Resolves once its lines are as asked; rejects when it ends before that. */
  until(holds: (lines: readonly string[]) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const watch = (): void => {
        const held = holds(this.lines);
        if (!held && !this.gone) return;
        this.watchers.delete(watch);
        if (held) resolve();
        else reject(new Error(`the child ended after ${JSON.stringify(this.lines.slice(-3))}`));
      };
      this.watchers.add(watch);
      watch();
    });
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  tell(line: string): void {
    this.process.stdin.write(`${line}\n`);
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** Kills it without warning; resolves when it is gone. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.exited;
  }

  private look(): void {
    for (const watch of [...this.watchers]) watch();
  }
}
