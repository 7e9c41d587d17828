import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { Controller, Get, Module } from '@nestjs/common';
import { EsdbEventStore } from '@meterbook/event-store/esdb/esdb-event-store';
import { begin } from '@meterbook/event-store/esdb/testing/store-bench';
import { streamKinds } from '@meterbook/books/stream-kinds';
import { WireServer } from '@meterbook/event-store/esdb/testing/wire-server';
import { Open } from '@meterbook/http/auth/access';
import { readConfiguration } from '@meterbook/runtime/configuration';
import { createLog } from '@meterbook/runtime/log';
import { ServiceHost, type Service } from './service';
import { storeBacklog } from '../loops/backlog';
import { ServiceProcess } from './service-process';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { SystemRandom } from '@meterbook/runtime/system-random';

const deadlineMs = 20_000;
const clock = new SystemClock();
const log = createLog('fatal', new Writable({ write: (_line, _encoding, done) => done() }));

let answer: () => void = () => undefined;
let asked: () => void = () => undefined;

@Controller()
class SlowController {
  @Get('slow')
  @Open()
  async slow(): Promise<string> {
    asked();
    await new Promise<void>((resolve) => (answer = resolve));
    return 'answered';
  }
}

@Module({ controllers: [SlowController] })
class SlowModule {}

describe('a service as a process of its own', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-service-'));
  /** What the process did, in order. */
  let happened: string[] = [];
  beforeEach(() => {
    happened = [];
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  const service = (needs: 'store' | 'both'): Service => ({
    name: 'slow',
    title: 'Slow',
    description: 'Answers when it is told to.',
    open: async (host) => {
      const engine = await host.store();
      if (needs === 'both') await host.topics();
      return {
        module: SlowModule,
        loops: () => [
          {
            name: 'wait',
            reads: 'store',
            thread: 'http',
            backlog: storeBacklog(engine, clock, () => 'start'),
            run: async (signal) => {
              happened.push('loop started');
              const batches = engine.store.subscribe(['account-'], 'start', signal)[Symbol.asyncIterator]();
              while ((await batches.next()).done !== true);
              await engine.store.head('account-p/a');
              happened.push('loop ended');
            },
          },
        ],
        prepare: async () => void happened.push('prepared'),
        idle: async () => void happened.push('idle'),
      };
    },
  });
  const listen = (environment: Readonly<Record<string, string>>, needs: 'store' | 'both' = 'store') => {
    const configuration = readConfiguration({ PORT: '0', DATA_DIR: directory, ...environment });
    return ServiceProcess.listen(service(needs), new ServiceHost(configuration, clock, new SystemRandom(), log));
  };
  const ready = async (address: string): Promise<{ status: number; names: string[]; down: string[] }> => {
    const response = await fetch(`${address}/health/ready`);
    const { indicators } = (await response.json()) as { indicators: { name: string; up: boolean }[] };
    const namesOf = (up: readonly { name: string }[]): string[] => up.map(({ name }) => name);
    const down = namesOf(indicators.filter(({ up }) => !up));
    return { status: response.status, names: namesOf(indicators), down };
  };
  const until = async (holds: () => Promise<boolean>): Promise<void> => {
    const end = clock.now() + deadlineMs;
    while (!(await holds())) {
      if (clock.now() > end) throw new Error(`not within ${deadlineMs} ms; ${happened.join(', ')}`);
      await clock.sleep(10);
    }
  };

  it('is ready once its engine answers and its loops run, and says how far behind they are', async () => {
    const { process, address } = await listen({}, 'both');
    await process.started;
    await until(async () => (await ready(address)).status === 200);
    expect((await ready(address)).names).toEqual(['event-store', 'topics', 'wait']);
    expect(happened).toEqual(['loop started', 'prepared']);
    expect(await (await fetch(`${address}/metrics`)).text()).toMatch(/^meterbook_wait_behind 0$/m);
    await process.stop();
  });

  it('answers what is under way before it stops, and ends its loops before it lets go of the engines', async () => {
    const { process, address } = await listen({});
    await process.started;
    const arrived = new Promise<void>((resolve) => (asked = resolve));
    const slow = fetch(`${address}/slow`).then((response) => response.text());
    await arrived;
    const stopped = process.stop().then(() => happened.push('stopped'));
    await until(() => isRefused(address));
    expect(happened).toEqual(['loop started', 'prepared']);
    answer();
    expect(await slow).toBe('answered');
    await stopped;
    expect(happened).toEqual(['loop started', 'prepared', 'loop ended', 'idle', 'stopped']);
  });

  it('listens while an engine is away, names what is down, runs nothing, and stops all the same', async () => {
    const port = await unusedPort();
    const { process, address } = await listen({ KAFKA_BROKERS: `127.0.0.1:${port}` }, 'both');
    expect((await fetch(`${address}/health/live`)).status).toBe(200);
    await until(async () => !(await ready(address)).down.includes('event-store'));
    expect(await ready(address)).toMatchObject({ status: 503, down: ['topics', 'wait'] });
    await process.stop();
    expect(happened).toEqual(['idle']);
  });

  it('does not start on a store that may lose events', async () => {
    const server = new WireServer();
    server.log.write('$$account-p/a', [
      {
        id: 'x',
        type: '$metadata',
        contentType: 'application/json',
        data: Buffer.from('{"$maxAge":60}'),
        metadata: Buffer.of(),
      },
    ]);
    await server.start();
    const { process } = await listen({ EVENTSTORE_URL: server.connectionString });
    await expect(process.started).rejects.toThrow('account-p/a ($maxAge)');
    await process.stop();
    server.stop();
    expect(happened).toEqual(['idle']);
  });

  it('tells in ready and in its metrics what is set, foreign or ahead of the clock at the store while it runs', async () => {
    const server = new WireServer();
    await server.start();
    const { process, address } = await listen({ EVENTSTORE_URL: server.connectionString });
    await process.started;
    await until(async () => (await ready(address)).status === 200);
    const aheadMs = 3_600_000;
    server.log.writeForeign('account-123');
    server.log.clockAheadMs = aheadMs;
    const engine = new EsdbEventStore(server.connectionString, clock, { kinds: streamKinds, prefix: '' });
    await begin(engine, 'account-p/a', 'one');
    await engine.close();
    server.log.setMetadata('account-p/a', { $maxCount: 5 });
    let told = '';
    await until(async () => {
      const { indicators } = (await (await fetch(`${address}/health/ready`)).json()) as {
        indicators: { name: string; detail: string }[];
      };
      told = indicators.find(({ name }) => name === 'event-store')?.detail ?? '';
      return [
        /Mend this: .*account-p\/a \(\$maxCount\)/,
        /stands 3\d{3} s ahead/,
        /holds 1 streams of somebody else/,
      ].every((text) => text.test(told));
    });
    const metrics = await (await fetch(`${address}/metrics`)).text();
    expect(metrics).toMatch(/^meterbook_store_alarms 1$/m);
    expect(metrics).toMatch(/^meterbook_booked_ahead_seconds 3[0-9.]+$/m);
    await process.stop();
    server.stop();
  });

  it('names the variable and not the value where the address of an engine cannot be used', async () => {
    const url = 'esdb://ledger:geheim@127.0.0.1:1?speed=fast';
    const refusal = listen({ EVENTSTORE_URL: url });
    await expect(refusal).rejects.toThrow(/EVENTSTORE_URL cannot be used: .*"speed"/);
    await expect(refusal).rejects.not.toThrow('geheim');
    const noFile = listen(
      { KAFKA_BROKERS: 'k:9092', KAFKA_TLS: 'on', KAFKA_TLS_CA_FILE: join(directory, 'no') },
      'both',
    );
    await expect(noFile).rejects.toThrow('KAFKA_TLS_CA_FILE must be the path of a PEM file');
  });
});

function isRefused(address: string): Promise<boolean> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once('error', () => resolve(true));
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
  });
}

function unusedPort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
