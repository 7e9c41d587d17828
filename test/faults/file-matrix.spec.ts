import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { dataFolder, extentsOf } from '@meterbook/host/files/data-folder';
import { readWitness } from '@meterbook/host/files/witness';
import { readConfiguration } from '@meterbook/runtime/configuration';
import { NotStarted, StandaloneProcess } from '../support/standalone-process';
import { BooksAtWork } from './books-at-work';

const environment = { PARTITIONS: '2' };
/** Cases that run at a time: a start waits for the disk and for itself. */
const atATime = 3;
/** How long the witness may take to have seen everything, and how often that is looked at. */
const witnessWithinMs = 30_000;
const lookEveryMs = 100;

/** What became of a start with faulty files: all that follows is right, or it was refused in a sentence that names one of them. */
type Outcome = 'right' | 'refused' | { readonly wrong: string };

type Fault = 'missing' | 'garbage' | 'truncated' | 'older';

/** What a fault does to a file of a folder; `earlier` is a whole copy of the folder from before its last work. */
const faults: Readonly<Record<Fault, (file: string, earlier: string) => void>> = {
  missing: (file) => rmSync(file),
  garbage: (file) => writeFileSync(file, Buffer.alloc(Math.max(statSync(file).size, 100), 'garbage')),
  truncated: (file) => truncateSync(file, Math.floor(statSync(file).size / 2)),
  older: (file, earlier) => cpSync(earlier, file),
};

const isDerived = /^(?:finance|ledger|tier-projection|webhooks)\//;

/**
 * What a file is faulty together with, so that there are fewer starts: files of which none is made from another. Where such a start
 * is refused, each of them is tried on its own. A file that cannot be made again is on its own from the beginning.
 */
function unitOf(file: string): string {
  const ending = file.slice(file.lastIndexOf('.'));
  if (/-(?:shm|journal)$/.test(ending)) return 'what SQLite keeps beside its files';
  if (/^topics\/groups\//.test(file)) return `groups *${ending}`;
  if (/^topics\//.test(file) && ending === '.db-wal') return `topics *${ending}`;
  // Of the two files of finance one says what the other holds.
  return isDerived.test(file) && !file.includes('trial-balance') ? `derived *${ending}` : file;
}

/** Waits until the witness has noted all that store and topics hold. */
async function isWitnessed(directory: string): Promise<void> {
  const folder = dataFolder(readConfiguration({ DATA_DIR: directory }));
  const deadline = Date.now() + witnessWithinMs;
  // Both as plain data: what SQLite gives comes from outside of the test's realm.
  const plain = (extents: unknown): unknown => JSON.parse(JSON.stringify(extents ?? null));
  while (!isDeepStrictEqual(plain(readWitness(directory)), plain(extentsOf(folder)))) {
    if (Date.now() > deadline) throw new Error('the witness never sees everything');
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

describe('a file under DATA_DIR that is missing, garbage, truncated or older than its partners', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-files-'));
  const [live, earlier] = [join(directory, 'live'), join(directory, 'earlier')];
  const books = new BooksAtWork();
  /** What a run leaves behind that was killed: files that are faulty together, by what they are called together. */
  let units: Map<string, string[]>;
  let cases = 0;
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const start = (folder: string): Promise<StandaloneProcess> =>
    StandaloneProcess.start(folder, environment, { quiet: true });

  beforeAll(async () => {
    for (const copy of [earlier, undefined]) {
      const running = await start(live);
      try {
        if (copy) await books.begin(running);
        await books.work(running);
        await books.prove(running);
        await isWitnessed(live);
      } finally {
        await running.kill();
      }
      if (copy) cpSync(live, copy, { recursive: true });
    }
    const files = readdirSync(live, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(live, join(entry.parentPath, entry.name)));
    units = new Map();
    for (const file of files) units.set(unitOf(file), [...(units.get(unitOf(file)) ?? []), file]);
  });

  /** Starts on a copy of the folder with faulty files in it. */
  const outcomeOf = async (files: readonly string[], fault: Fault): Promise<Outcome> => {
    const folder = join(directory, `case-${++cases}`);
    cpSync(live, folder, { recursive: true });
    for (const file of files) faults[fault](join(folder, file), join(earlier, file));
    const underWay = books.copy();
    let running: StandaloneProcess | undefined;
    try {
      running = await start(folder);
      await underWay.work(running);
      await underWay.prove(running);
      const code = await running.stop();
      running = undefined;
      return code === 0 ? 'right' : { wrong: `ended with ${code}` };
    } catch (error) {
      if (!(error instanceof NotStarted)) return { wrong: String(error) };
      const named = files.map((file) => file.replace(/-(wal|shm)$/, ''));
      const isSentence = named.some((file) => error.message.includes(file)) && !/^\s+at /m.test(error.message);
      return isSentence ? 'refused' : { wrong: `refused without a sentence: ${error.message}` };
    } finally {
      await running?.kill();
      rmSync(folder, { recursive: true, force: true });
    }
  };

  it.each(Object.keys(faults) as Fault[])(
    'is rebuilt or refused in a sentence, and no accepted usage is lost: %s',
    async (fault) => {
      const canBe = (file: string): boolean => fault !== 'older' || existsSync(join(earlier, file));
      const waiting = [...units.values()].map((files) => files.filter(canBe)).filter((files) => files.length > 0);
      const wrong: string[] = [];
      const work = async (): Promise<void> => {
        for (let files = waiting.shift(); files !== undefined; files = waiting.shift()) {
          const outcome = await outcomeOf(files, fault);
          if (typeof outcome === 'object') wrong.push(`${files.join(', ')} ${fault}: ${outcome.wrong}`);
          else if (outcome === 'refused' && files.length > 1) waiting.push(...files.map((file) => [file]));
        }
      };
      await Promise.all(Array.from({ length: atATime }, work));
      expect(wrong).toEqual([]);
    },
    15 * 60_000,
  );
});
