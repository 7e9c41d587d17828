import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from '@meterbook/runtime/testing/child';
import type { WireCommand } from './wire-store';

/** The wire test server as a process that can be killed, started again on what it had written, and told to misbehave. */
export class WireStoreProcess {
  private readonly directory = mkdtempSync(join(tmpdir(), 'meterbook-wire-'));
  private port = 0;
  private child: Child | undefined;

  get url(): string {
    return `esdb://127.0.0.1:${this.port}?tls=false`;
  }

  get runs(): boolean {
    return this.child !== undefined;
  }

  /** Starts it, on the same port as before; resolves once it listens. */
  async start(): Promise<void> {
    const child = new Child(join(__dirname, 'wire-store.ts'), join(this.directory, 'log'), String(this.port));
    await child.until((lines) => lines.length > 0);
    this.port = Number(child.lines[0]);
    this.child = child;
  }

  /** Resolves once the store has done it. */
  async tell(command: WireCommand): Promise<void> {
    const { child } = this;
    if (!child) throw new Error('the store does not run');
    const said = child.lines.length;
    child.tell(JSON.stringify(command));
    await child.until((lines) => lines.length > said);
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.child?.kill();
    this.child = undefined;
  }

  async destroy(): Promise<void> {
    await this.kill();
    rmSync(this.directory, { recursive: true });
  }
}
