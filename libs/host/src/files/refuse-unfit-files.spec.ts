import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { openDatabase } from '@meterbook/runtime/sqlite';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import { createLog } from '@meterbook/runtime/log';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { threadEntry } from '@meterbook/runtime/thread-entry';
import { EmbeddedTopics } from '@meterbook/topics/embedded/embedded-topics';
import { dataFolder, extentsOf } from './data-folder';
import { FilesUnfit } from './files-unfit';
import { keepWitness } from './keep-witness';
import { refuseUnfitFiles } from './refuse-unfit-files';
import { whileOwning } from '../loops/while-owning';
import { readWitness, witnessFile, writeWitness } from './witness';

const clock = new SystemClock();
const log = createLog('fatal');
/** Looks, of which some fall between an event and what is made from it. */
const LOOKS_WHILE_GROWING = 300;

describe('files under DATA_DIR', () => {
  let DATA_DIR: string;
  const path = (file: string): string => join(DATA_DIR, file);
  const configuration = (): Parameters<typeof dataFolder>[0] => ({
    DATA_DIR,
    EVENTSTORE_URL: null,
    KAFKA_BROKERS: [],
  });
  const witness = (): void => writeWitness(DATA_DIR, extentsOf(dataFolder(configuration())));
  const refusals = (): readonly string[] => {
    try {
      refuseUnfitFiles(configuration(), log);
    } catch (error) {
      if (error instanceof FilesUnfit) return error.reasons;
      throw error;
    }
    return [];
  };

  const append = async (events: number): Promise<void> => {
    const store = new EmbeddedEventStore(path('store'), clock);
    const head = await store.head('account-p/a');
    const expectedRevision = head === 'no-stream' ? head : head;
    const event = { type: 'Noted', data: '{}', metadata: '{}', hash: 'x' };
    await store.append([
      { stream: 'account-p/a', expectedRevision, events: Array.from({ length: events }, () => event) },
    ]);
    await store.close();
  };
  const publish = async (count: number): Promise<void> => {
    const topics = new EmbeddedTopics(path('topics'), clock, { prefix: '', partitions: 1 });
    await topics.publish(
      'usage.recorded',
      Array.from({ length: count }, () => ({ key: 'a', value: '1' })),
    );
    await topics.close();
  };
  const consume = async (): Promise<void> => {
    const topics = new EmbeddedTopics(path('topics'), clock, { prefix: '', partitions: 1 });
    const stop = new AbortController();
    const ended = topics.consume('ledger', ['usage.recorded'], async () => stop.abort(), stop.signal);
    await ended;
    await topics.close();
  };
  const derive = (position: string): void => {
    mkdirSync(path('finance'), { recursive: true });
    const file = openDatabase(path('finance/books-1.db'));
    file.exec(`CREATE TABLE progress (position TEXT); INSERT INTO progress VALUES ('${position}')`);
    file.close();
  };
  const remove = (file: string): void => rmSync(path(file), { recursive: true });

  beforeEach(async () => {
    DATA_DIR = mkdtempSync(join(tmpdir(), 'meterbook-files-'));
    await append(3);
    await publish(5);
    await consume();
  });
  afterEach(() => rmSync(DATA_DIR, { recursive: true, force: true }));

  it('fit together as a run leaves them, with and without a witness, and when store and topics grew since', async () => {
    expect(refusals()).toEqual([]);
    witness();
    derive('2');
    expect(refusals()).toEqual([]);
    await append(2);
    await publish(2);
    expect(refusals()).toEqual([]);
  });

  it('fit together where there are none', () => {
    rmSync(DATA_DIR, { recursive: true });
    expect(refusals()).toEqual([]);
  });

  it('do not fit where a topic is missing that a group has read', () => {
    remove('topics/usage.recorded.db');
    expect(refusals()).toEqual([
      expect.stringMatching(
        /^topics\/usage\.recorded\.db is missing, but topics\/groups\/ledger\.db has done with 5: .*delete/,
      ),
    ]);
  });

  it('do not fit where a topic is shorter than a group has read, or than was seen of it', async () => {
    copyFileSync(path('topics/usage.recorded.db'), path('earlier'));
    await publish(5);
    witness();
    copyFileSync(path('earlier'), path('topics/usage.recorded.db'));
    expect(refusals()).toEqual([
      expect.stringMatching(
        /^topics\/usage\.recorded\.db ends at offset 5 of partition 0, before the 10 that witness\.json/,
      ),
    ]);
    remove('topics/usage.recorded.db');
    await publish(1);
    remove('witness.json');
    expect(refusals()).toEqual([
      expect.stringMatching(
        /^topics\/usage\.recorded\.db ends at offset 1 of partition 0, but topics\/groups\/ledger\.db/,
      ),
    ]);
  });

  it('do not fit where a topic is another than the one seen, however long it is', async () => {
    witness();
    remove('topics/usage.recorded.db');
    await publish(50);
    expect(refusals()).toEqual([
      expect.stringMatching(/^topics\/usage\.recorded\.db is another file than witness\.json/),
    ]);
  });

  it('do not fit where the store is missing, shorter or another than was seen', async () => {
    copyFileSync(path('store/events.db'), path('earlier'));
    await append(2);
    witness();
    copyFileSync(path('earlier'), path('store/events.db'));
    expect(refusals()).toEqual([
      expect.stringMatching(/^store\/events\.db ends after 3 events, short of the 5 .* witness\.json/),
    ]);
    await append(7);
    expect(refusals()).toEqual([expect.stringMatching(/^store\/events\.db does not begin with the 5 events/)]);
    remove('store');
    expect(refusals()).toEqual([expect.stringMatching(/^store\/events\.db is missing, short of the 5 events/)]);
  });

  it('do not fit where nobody has noted anything and the store is shorter than what was made from it, or gone', () => {
    derive('7');
    expect(refusals()).toEqual([
      expect.stringMatching(/^store\/events\.db ends after 3 events, but finance\/books-1\.db has folded 8\. Restore/),
    ]);
    remove('finance');
    remove('store');
    expect(refusals()).toEqual([
      expect.stringMatching(
        /^store\/events\.db is missing, but topics\/groups\/ledger\.db says that records were booked/,
      ),
    ]);
  });

  it.each(['store/events.db', 'topics/usage.recorded.db'])(
    'are told of in a sentence where %s is garbage or cut short',
    (file) => {
      truncateSync(path(file), 4096);
      expect(refusals()).toEqual([
        expect.stringContaining(`${path(file)} is damaged or not a database (it is cut short)`),
      ]);
      writeFileSync(path(file), 'no database at all, and longer than the header of one: '.repeat(100));
      expect(refusals()).toEqual([
        expect.stringMatching(/events\.db|usage\.recorded\.db is damaged.*Restore the whole/),
      ]);
    },
  );

  it.each(['topics/groups/ledger.db', 'finance/books-1.db'])(
    'that are derived are set aside when damaged: %s',
    (file) => {
      derive('2');
      writeFileSync(path(file), 'garbage '.repeat(1000));
      expect(refusals()).toEqual([]);
      expect([existsSync(path(file)), existsSync(path(`${file}.damaged`))]).toEqual([false, true]);
    },
  );

  it('are not waited for where a process that runs holds them', async () => {
    const stop = new AbortController();
    let holds = false;
    const owning = whileOwning(path('finance'), (signal) => {
      holds = true;
      return clock.sleep(60_000, signal);
    })(stop.signal);
    expect(holds).toBe(true);
    const before = clock.now();
    expect(refusals()).toEqual([]);
    expect(clock.now() - before).toBeLessThan(5_000);
    expect(existsSync(path('finance/owner.db'))).toBe(true);
    stop.abort();
    await owning;
  });

  it('fit together while another process appends and folds', async () => {
    derive('1');
    const { file, execArgv } = threadEntry(join(__dirname, 'testing/grow-and-fold'));
    const others = new Worker(file, { execArgv, workerData: DATA_DIR });
    await once(others, 'message');
    const found = new Set<string>();
    for (let n = 0; n < LOOKS_WHILE_GROWING; n++) for (const reason of refusals()) found.add(reason);
    await others.terminate();
    expect([...found]).toEqual([]);
  });

  it('are witnessed while they grow, and a witness that cannot be read says nothing', async () => {
    const time = new ManualClock(0);
    const stop = new AbortController();
    const kept = keepWitness(dataFolder(configuration()), time, log, stop.signal);
    await time.advance(1000);
    expect(readWitness(DATA_DIR)).toMatchObject({ store: { next: 3 } });
    await append(1);
    stop.abort();
    await kept;
    const topics = { [path('topics/usage.recorded.db')]: { id: expect.any(String) as string, ends: [5] } };
    expect(readWitness(DATA_DIR)).toMatchObject({ store: { next: 4 }, topics });
    writeFileSync(witnessFile(DATA_DIR), '{"format":');
    expect(refusals()).toEqual([]);
  });
});
