/**
 * Writes the books of release 0.1.0 for `compatibility.spec.ts`, with that release's build:
 *
 *     node test/compatibility/write-books.mjs RELEASE_DIST test/compatibility/release-0.1.0
 *
 * Three days of business on all presets and a platform of its own, with every kind of event, then a few usages that were
 * accepted and are not charged. `answers.json` is what that release itself says: of what was charged, and of the rest after
 * it has charged it. Books of a release are never written again once a later one reads them.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { days, firstDay, secondDay, thirdDay, uncharged } from './business.mjs';
import { afterwards, questions } from './questions.mjs';
import { Release } from './release.mjs';

const [dist, folder] = process.argv.slice(2).map((path) => resolve(path));
if (!dist || !folder) throw new Error('usage: write-books.mjs RELEASE_DIST FOLDER');
const Database = createRequire(join(dist, 'x.js'))('better-sqlite3');

const environment = { PARTITIONS: '2', CHECKPOINT_EVERY: '100', LOG_LEVEL: 'info' };
const work = mkdtempSync(join(tmpdir(), 'meterbook-books-'));
const dataDir = join(work, 'books');
const start = (service, directory, instant) => Release.start(dist, service, directory, instant, environment);

async function day(instant, business) {
  const release = await start('standalone', dataDir, instant);
  await business(release);
  await release.quiet();
  await release.stop();
}

const answersOf = async (release, paths) => {
  const answers = [];
  for (const path of paths) answers.push({ path, ...(await release.ask('GET', path)) });
  return answers;
};

await day(days.eve, async () => undefined);
await day(days.first, firstDay);
await day(days.second, secondDay);
let booked;
await day(days.third, thirdDay);
await day(days.evening, async (release) => {
  await release.quiet();
  booked = await answersOf(release, questions);
});

// Ingest alone takes usage, and nothing charges it.
const ingest = await start('usage-ingest', dataDir, days.night);
await uncharged(ingest, dist, join(dataDir, 'topics'));
await ingest.stop();
for (const file of files(dataDir)) if (file.endsWith('.db')) packed(join(dataDir, file));

// What the release itself makes of the rest.
const copy = join(work, 'copy');
cpSync(dataDir, copy, { recursive: true });
const release = await start('standalone', copy, days.next);
await release.quiet();
const afterCharging = await answersOf(release, afterwards);
await release.stop();

rmSync(folder, { recursive: true, force: true });
for (const file of files(dataDir)) {
  const bytes = readFileSync(join(dataDir, file));
  if (bytes.length === 0) continue;
  const target = join(folder, `${file}.gz`);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, gzipSync(bytes, { level: 9 }));
}
const answers = { openedAt: days.next, booked, afterCharging };
writeFileSync(join(folder, 'answers.json'), `${JSON.stringify(answers, null, 1)}\n`);
rmSync(work, { recursive: true });

/** Every file that holds something: not those of shared memory, nor empty locks. */
function files(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/-(?:wal|shm)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
}

/** Puts all that a database holds into its one file. */
function packed(path) {
  const database = new Database(path);
  database.pragma('wal_checkpoint(TRUNCATE)');
  if (readFileSync(path).length > 0) database.exec('VACUUM');
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}
