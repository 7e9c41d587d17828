import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredEvent, SubscriptionBatch } from '@meterbook/event-store/event-store';
import { EventReader } from './event-reader';
import { ProjectionFile } from './projection-file';
import { trialBalance } from './trial-balance/trial-balance';

const goldenFolder = join(__dirname, '../../../../test/golden/account');
const golden = readdirSync(goldenFolder)
  .sort()
  .map((file) => ({ file, ...(JSON.parse(readFileSync(join(goldenFolder, file), 'utf8')) as Texts) }));
const sick = 'account-golden/sick';

interface Texts {
  readonly type: string;
  readonly data: string;
}

/** What may be wrong with an event. */
const wrongs: Readonly<Record<string, (event: StoredEvent) => StoredEvent>> = {
  'a type from the future': (event) => ({ ...event, type: 'AccountDreamt' }),
  'a type that every object knows': (event) => ({ ...event, type: 'toString' }),
  'data that is cut short': (event) => ({ ...event, data: event.data.slice(0, -1) }),
  'data that is no object': (event) => ({ ...event, data: '[]' }),
  'a revision too many': (event) => ({ ...event, revision: event.revision + 1 }),
  'a revision for the second time': (event) => ({ ...event, revision: event.revision - 1 }),
};
/** Contents that make no entry, for those events that have one. */
const contents: readonly ((data: Readonly<Record<string, unknown>>) => object)[] = [
  () => ({}),
  (data) => mapped(data, () => 1e300),
  (data) => mapped(data, () => 'NaN'),
  (data) => ({ ...data, currency: null }),
  (data) => ({ ...data, credited: '1.5', amount: '1e3', charges: [{ lots: 'all' }], settled: {} }),
];

describe('an event that cannot be', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-damage-'));
  let files: ProjectionFile[] = [];
  afterEach(() => {
    for (const file of files) file.close();
    files = [];
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const make = (): ProjectionFile => {
    const file = ProjectionFile.create(join(directory, `${files.length}.db`), trialBalance);
    files.push(file);
    return file;
  };
  const rowsAfter = (...batches: readonly SubscriptionBatch[]): unknown => {
    const file = make();
    const reader = new EventReader();
    for (const batch of batches) file.fold(reader.read(batch));
    return linesOf(file);
  };

  const cases = golden.flatMap(({ file }, at) => [...Object.keys(wrongs).map((wrong) => [file, at, wrong] as const)]);
  it.each(cases)('%s (%i) of %s takes its own account out from there on', (_file, at, wrong) => {
    const whole = history(golden.length);
    const broken = whole.map((event) =>
      event.stream === sick && event.revision === at ? (wrongs[wrong]?.(event) ?? event) : event,
    );
    const isFirst = at === 0 && wrong.startsWith('a revision');
    const expected = rowsAfter(batchOf(whole.filter(({ stream, revision }) => stream !== sick || revision < at)));
    const file = make();
    const damage = file.fold(new EventReader().read(batchOf(broken)));
    expect(damage.map(({ stream }) => stream)).toEqual([sick]);
    if (!isFirst) {
      expect(damage[0]).toMatchObject({ position: whole.find(isAt(at))?.position });
      expect(linesOf(file)).toEqual(expected);
    }
  });

  const contentCases = golden.flatMap(({ file, data }, at) =>
    contents.map(
      (content, number) =>
        [file, number, at, JSON.stringify(content(JSON.parse(data) as object & Record<string, unknown>))] as const,
    ),
  );
  it.each(contentCases)(
    '%s with content %i changes the books by a whole entry or not at all',
    (_file, _number, at, data) => {
      const broken = history(at + 1).map((event) => (isAt(at)(event) ? { ...event, data } : event));
      const file = make();
      const damage = file.fold(new EventReader().read(batchOf(broken)));
      const before = rowsAfter(batchOf(history(at + 1).filter((event) => !isAt(at)(event))));
      if (damage.length > 0) expect(linesOf(file)).toEqual(before);
      expect(file.progress.position).toBe(broken.at(-1)?.position);
    },
  );

  it('keeps it damaged over a restart, and a file that is filled anew takes in what has been mended', () => {
    const whole = history(golden.length);
    const [first, second] = [whole.slice(0, 30), whole.slice(30)];
    const broken = first.map((event) => (isAt(4)(event) ? { ...event, type: 'AccountDreamt' } : event));
    const file = make();
    file.fold(new EventReader().read(batchOf(broken)));
    file.close();
    const again = ProjectionFile.open(file.path, trialBalance);
    if (!again) throw new Error('it cannot be opened');
    files[files.length - 1] = again;
    expect(again.damaged.list('', 10)).toMatchObject([{ stream: sick, revision: 4, type: 'AccountDreamt' }]);
    again.fold(new EventReader().read(batchOf(second)));
    const without = whole.filter(({ stream, revision }) => stream !== sick || revision < 4);
    expect(linesOf(again)).toEqual(rowsAfter(batchOf(without)));
    expect(again.damaged.count).toBe(1);
    const rebuilt = make();
    rebuilt.fold(new EventReader().read(batchOf(whole)));
    expect(rebuilt.damaged.count).toBe(0);
  });

  it('goes on without a stream that the store cannot read, from where it says so', () => {
    const whole = history(golden.length);
    const position = whole.find(isAt(6))?.position ?? '';
    const batch = { ...batchOf(whole), damaged: [{ stream: sick, position, damage: 'it was deleted' }] };
    const file = make();
    expect(file.fold(new EventReader().read(batch))).toMatchObject([{ stream: sick, detail: 'it was deleted' }]);
    expect(file.fold(new EventReader().read({ ...batch, events: [] }))).toEqual([]);
    expect(file.damaged.holds(sick, position)).toBe(true);
  });

  it('is contained a thousand times', () => {
    const texts = golden[0] ?? { type: '', data: '' };
    const events = Array.from({ length: 3000 }, (_, i) => {
      const isSick = i % 3 === 2;
      const name = `account-golden/x${Math.floor(i / 3)}`;
      return stored(isSick ? { ...texts, type: 'AccountDreamt' } : texts, name, i % 3, i);
    });
    const file = make();
    expect(file.fold(new EventReader().read(batchOf(events)))).toHaveLength(1000);
    expect(file.damaged.countOf('account-golden/')).toBe(1000);
    expect(file.damaged.list('account-golden/x1', 5)).toHaveLength(5);
    expect(file.progress.events).toBe(2000);
  });
});

/** The golden account's life as that of one account, and the same as that of another one beside it. */
function history(events: number): StoredEvent[] {
  return golden
    .slice(0, events)
    .flatMap((texts, i) => [stored(texts, sick, i, 2 * i), stored(texts, 'account-golden/well', i, 2 * i + 1)]);
}

function stored({ type, data }: Texts, stream: string, revision: number, position: number): StoredEvent {
  const bookedAt = Date.parse('2026-11-21T00:00:00.000Z') + position * 3_600_000;
  return { stream, revision, position: String(position), bookedAt, type, data, metadata: '{}', hash: String(position) };
}

function batchOf(events: readonly StoredEvent[]): SubscriptionBatch {
  return { events, damaged: [], position: events.at(-1)?.position ?? 'start', caughtUp: false, observedAt: 0 };
}

function isAt(revision: number): (event: StoredEvent) => boolean {
  return (event) => event.stream === sick && event.revision === revision;
}

function mapped(data: Readonly<Record<string, unknown>>, change: () => unknown): object {
  return Object.fromEntries(Object.keys(data).map((key) => [key, change()]));
}

function linesOf({ database }: ProjectionFile): unknown {
  return database
    .prepare('SELECT platform, ledger_account, commodity, line, day, debit, credit, timed FROM lines ORDER BY 1, 2, 3')
    .all();
}
