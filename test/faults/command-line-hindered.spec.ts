import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WireServer } from '@meterbook/event-store/esdb/testing/wire-server';
import { BooksAtWork } from './books-at-work';
import { meterbook, type Ended } from '../support/command-line';
import { StandaloneProcess } from '../support/standalone-process';

/** The largest file that a command may write, KiB: a disk that is full, also for what SQLite keeps beside a file. */
const LARGEST_FILE_KIB = 8;
const WITHIN_MS = 60_000;

/** What hinders a command: the environment that it is given, and what has to be said. */
type Hindrance = () => Record<string, string> | Promise<Record<string, string>>;

describe('a command that is hindered', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-hindered-'));
  const dataDir = join(directory, 'data');
  const servers: { readonly stop: () => void }[] = [];
  const books = new BooksAtWork();

  beforeAll(async () => {
    const running = await StandaloneProcess.start(dataDir);
    await books.begin(running);
    await books.work(running);
    await running.stop();
  }, WITHIN_MS);
  afterEach(() => servers.splice(0).forEach((server) => server.stop()));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const run = (
    words: readonly string[],
    environment: Readonly<Record<string, string>>,
    limit?: string,
  ): Promise<Ended> => meterbook(words, { DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'fatal', ...environment }, limit);
  /** Every file but those that SQLite makes to open another. */
  const filesOf = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => !/-(?:shm|wal)$/.test(name))
      .sort();

  const takenPort: Hindrance = async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push({ stop: () => server.close() });
    return { PORT: String((server.address() as AddressInfo).port) };
  };
  const fileForFolder: Hindrance = () => {
    const file = join(directory, 'file');
    writeFileSync(file, 'words');
    return { DATA_DIR: file };
  };
  const elsewhere = (): { readonly DATA_DIR: string } => ({ DATA_DIR: mkdtempSync(join(directory, 'elsewhere-')) });
  const away: Hindrance = () => ({ ...elsewhere(), EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false' });
  const wrongPassword: Hindrance = async () => {
    const server = new WireServer();
    await server.start();
    servers.push(server);
    server.faults.state = 'unauthenticated';
    return { ...elsewhere(), EVENTSTORE_URL: `esdb://meterbook:changeit@127.0.0.1:${server.port}?tls=false` };
  };
  const noStory = /^(?![^]*\n\s+at )(?![^]*changeit)/;

  it.each<[string, string, Hindrance, RegExp]>([
    ['start', 'a port in use', takenPort, /^Cannot listen at 127\.0\.0\.1:\d+: another process .*\nStop whoever/],
    ['demo', 'a port in use', takenPort, /Cannot listen at 127\.0\.0\.1:\d+: another process /],
    ['start', 'a folder that is a file', fileForFolder, /^DATA_DIR is .*: it is no folder\.\nSet DATA_DIR to a folder/],
    ['verify', 'a folder that is a file', fileForFolder, /^There are no books in .*\nSet DATA_DIR to the folder of a/],
    ['rebuild', 'a folder that is a file', fileForFolder, /^There are no books in .*\nSet DATA_DIR to the folder of a/],
    ['verify', 'a store that is away', away, /^The event store cannot be reached .*\nSee that its server runs/],
    ['rebuild', 'a store that is away', away, /^The event store cannot be reached .*\nSee that its server runs/],
    ['verify', 'a wrong password', wrongPassword, /does not take the user and the password .*correct them/],
    ['rebuild', 'a wrong password', wrongPassword, /does not take the user and the password .*correct them/],
  ])(
    '(%s) by %s says so in a sentence, with the remedy',
    async (command, _what, hindrance, sentence) => {
      const { code, out, err } = await run(command === 'demo' ? ['demo', '--exit'] : [command], await hindrance());
      // The demo tells its story, and why it does not go on, where its story is read.
      const told = command === 'demo' ? out : err;
      expect(told).toMatch(sentence);
      expect(told).toMatch(noStory);
      expect(code).toBe(1);
    },
    WITHIN_MS,
  );

  it.each(['start', 'verify', 'rebuild'])(
    '(%s) by a full disk says so, and calls no file damaged, and sets none aside',
    async (command) => {
      const before = filesOf(dataDir);
      const { code, err } = await run([command], {}, `ulimit -f ${LARGEST_FILE_KIB}`);
      expect(err).toMatch(/^Nothing can be written to the disk: it is full, .*\nMake room on the disk of DATA_DIR/);
      expect(err).toMatch(noStory);
      expect(code).toBe(1);
      expect(filesOf(dataDir)).toEqual(before);
      const running = await StandaloneProcess.start(dataDir);
      await books.prove(running);
      expect(await running.stop()).toBe(0);
    },
    WITHIN_MS,
  );
});
