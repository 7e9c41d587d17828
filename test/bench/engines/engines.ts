import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { Kafka } from 'kafkajs';
import { clientSettings } from '@meterbook/topics/kafka/kafka-options';

const execute = promisify(execFile);
/** This file runs from where it is built to; the script stands with the sources. */
const kafkaScript = join(__dirname, '../../../../test/engines/kafka/kafka.sh');
/** Fetching the jars included, where nobody has fetched them yet. */
const kafkaStartTimeoutMs = 240_000;
const portTries = 50;

/** A Kafka and event stores: those that the environment names, else started here, and ended and forgotten by `close`. */
export class Engines {
  /** Begins every name that this run gives to what it leaves in an engine. */
  readonly run = `bench-${Date.now().toString(36)}`;
  private readonly undo: (() => Promise<unknown>)[] = [];
  private closing: Promise<void> | undefined;

  async kafka(): Promise<readonly string[]> {
    const given = process.env['KAFKA_BROKERS'];
    if (given) {
      const brokers = given.split(',');
      this.undo.push(() => deleteTopics(brokers, this.run));
      return brokers;
    }
    const folder = mkdtempSync(join(tmpdir(), 'meterbook-bench-kafka-'));
    this.undo.push(async () => {
      await execute(kafkaScript, ['stop', folder]).finally(() => rmSync(folder, { recursive: true, force: true }));
    });
    const port = await freePortPair();
    const { stdout } = await execute(kafkaScript, ['start', folder, String(port)], { timeout: kafkaStartTimeoutMs });
    return stdout.trim().split(',');
  }

  /** The connection string of a store, and what ends it: the wire server in a process of its own, empty at its start. */
  async store(): Promise<{ readonly url: string; readonly end: () => Promise<void> }> {
    const given = process.env['EVENTSTORE_URL'];
    if (given) return { url: given, end: async () => undefined };
    const child = spawn(process.execPath, [join(__dirname, 'wire-store.js')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const end = async (): Promise<void> => {
      child.kill('SIGKILL');
      await ended;
    };
    this.undo.push(end);
    const url = await new Promise<string>((resolve, reject) => {
      createInterface(child.stdout).once('line', resolve);
      void ended.then(() => reject(new Error('the event store ended before it listened')));
    });
    return { url, end };
  }

  /** Ends whatever was started, the last first, even where something cannot be ended. */
  close(): Promise<void> {
    this.closing ??= this.undoAll();
    return this.closing;
  }

  private async undoAll(): Promise<void> {
    for (const undo of this.undo.reverse())
      await undo().catch((error: unknown) => console.error('could not clean up:', error));
  }
}

async function deleteTopics(brokers: readonly string[], prefix: string): Promise<void> {
  const admin = new Kafka(clientSettings({ brokers, clientId: 'bench' })).admin();
  await admin.connect();
  try {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
  } finally {
    await admin.disconnect();
  }
}

async function freePortPair(): Promise<number> {
  for (let tries = 0; tries < portTries; tries++) {
    const port = await probe(0);
    if (port && (await probe(port + 1))) return port;
  }
  throw new Error('no two free ports in a row');
}

/** The port, where it is free; any free one for 0. */
function probe(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(address && typeof address === 'object' ? address.port : undefined));
    });
  });
}
