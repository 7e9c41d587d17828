import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WireServer } from '@meterbook/event-store/esdb/testing/wire-server';
import { eventually, request } from '../support/client';
import { StandaloneProcess } from '../support/standalone-process';

const entry = join(__dirname, '../../dist/apps/standalone/src/main.js');
/** How long a process may take to say that it cannot start, milliseconds. */
const endsWithinMs = 60_000;

interface Ended {
  readonly code: number | null;
  readonly text: string;
}

/** Starts the standalone, and waits for its end; all that it says is its complaint, since only what is fatal is logged. */
async function endOf(dataDir: string, environment: Readonly<Record<string, string>>): Promise<Ended> {
  const child = spawn(process.execPath, [entry], {
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      HOST: '127.0.0.1',
      LOG_LEVEL: 'fatal',
      DATA_DIR: dataDir,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: endsWithinMs,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (said: string) => (text += said));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, text };
}

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'meterbook-start-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** What is given to a process that must not start: it may set something up in the folder, and says the environment. */
type Hindrance = () => Record<string, string> | Promise<Record<string, string>>;

const servers: { readonly stop: () => void }[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.stop()));

const esdb = (state: 'unauthenticated' | 'access-denied') => async (): Promise<Record<string, string>> => {
  const server = new WireServer();
  await server.start();
  servers.push(server);
  server.faults.state = state;
  return { EVENTSTORE_URL: `esdb://meterbook:changeit@127.0.0.1:${server.port}?tls=false` };
};

const books =
  (spoil: (file: string) => void): Hindrance =>
  async () => {
    const running = await StandaloneProcess.start(directory);
    await running.stop();
    spoil(join(directory, 'store', 'events.db'));
    return {};
  };

const takenPort: Hindrance = async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push({ stop: () => server.close() });
  return { PORT: String((server.address() as AddressInfo).port) };
};

const aFile = (): string => {
  const file = join(directory, 'file');
  writeFileSync(file, 'words');
  return file;
};
const fileForFolder: Hindrance = () => ({ DATA_DIR: aFile() });
const belowAFile: Hindrance = () => ({ DATA_DIR: join(aFile(), 'data') });
const noCertificate: Hindrance = () => ({
  KAFKA_BROKERS: '127.0.0.1:1',
  KAFKA_TLS: 'on',
  KAFKA_TLS_CA_FILE: 'no/where',
});
const wrongTokens: Hindrance = () => {
  const file = join(directory, 'tokens.json');
  writeFileSync(file, 'words');
  return { METERBOOK_TOKENS: file };
};

const otherPrefix: Hindrance = () => {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'stream-prefix'), 'before.\n');
  return { EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false', STREAM_PREFIX: 'after.' };
};

describe('a process that must not start', () => {
  it.each<[string, Hindrance, RegExp]>([
    ['a variable that is wrong', () => ({ PARTITIONS: 'many' }), /PARTITIONS must be .*\n.*docs\/operating/],
    [
      'tokens that are missing',
      () => ({ METERBOOK_TOKENS: 'no/where' }),
      /file of tokens \/.*no\/where, which METERBOOK_TOKENS names, cannot be read: it is not there\.\nWrite the file/,
    ],
    [
      'tokens that are wrong',
      wrongTokens,
      /tokens\.json, which METERBOOK_TOKENS names: .* is not JSON\.\nWrite the file/,
    ],
    [
      'a certificate that is missing',
      noCertificate,
      /KAFKA_TLS_CA_FILE must be .*; \/.*no\/where cannot: it is not there/,
    ],
    [
      'a folder that is a file',
      fileForFolder,
      /DATA_DIR is \/.*\/file, .*: it is no folder\.\nSet DATA_DIR to a folder/,
    ],
    [
      'a folder below a file',
      belowAFile,
      /DATA_DIR is \/.*\/file\/data, .*: a part of the path is no folder\.\nSet DATA_DIR/,
    ],
    ['a store that is garbage', books((file) => writeFileSync(file, 'garbage')), /events\.db .*Restore [^]*operating/],
    ['a store that is cut off', books((file) => truncateSync(file, 8_192)), /events\.db .*[Rr]estore [^]*operating/],
    ['another prefix of streams', otherPrefix, /STREAM_PREFIX is "after\." and was "before\.".*set it back/],
    ['an address of the store that is none', () => ({ EVENTSTORE_URL: 'http://nowhere' }), /EVENTSTORE_URL /],
    ['a wrong password', esdb('unauthenticated'), /does not take the user and the password .*correct them/],
    ['a user without rights', esdb('access-denied'), /may not read \$all .*put it into the group/],
    ['a port in use', takenPort, /Cannot listen at 127\.0\.0\.1:\d+: another process .*\nStop whoever/],
  ])('because of %s says so in a sentence, with the remedy, and ends', async (_what, hindrance, sentence) => {
    const { code, text } = await endOf(directory, await hindrance());
    expect(text).toMatch(sentence);
    expect(text).not.toMatch(/^\s+at |changeit|\\n\s+at /m);
    expect(code).toBe(1);
  });
});

describe('a store that is away when the process starts', () => {
  it('is waited for, live and not ready, before the presets are published', async () => {
    const server = new WireServer();
    await server.start();
    const { port, log } = server;
    server.stop();
    const environment = { EVENTSTORE_URL: `esdb://127.0.0.1:${port}?tls=false`, PRESETS: 'publish' };
    const running = await StandaloneProcess.start(directory, environment, { quiet: true });
    expect((await request(running.url, 'GET', '/health/live')).status).toBe(200);
    expect((await request(running.url, 'GET', '/health/ready')).status).toBe(503);
    const later = new WireServer(log);
    await later.start(port);
    await eventually(
      () => request(running.url, 'GET', '/health/ready'),
      ({ status }) => status === 200,
    );
    const preset = await request(running.url, 'GET', '/v1/platforms/apibox/rulebook');
    expect(preset.status).toBe(200);
    expect(await running.stop()).toBe(0);
    later.stop();
  });
});
