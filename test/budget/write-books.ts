import { join } from 'node:path';
import { openDatabase } from '@meterbook/runtime/sqlite';
import { encodeEvent, encodeTexts } from '@meterbook/books/event-codec';
import type { AccountEvent } from '@meterbook/domain/account/events';
import { evolve } from '@meterbook/domain/account/evolve';
import { toSnapshot } from '@meterbook/domain/account/snapshot';
import type { Account } from '@meterbook/domain/account/account';
import { EmbeddedEventStore } from '@meterbook/event-store/embedded/embedded-event-store';
import { FrameChain, FrameWriter, PAGE_BYTES } from '@meterbook/event-store/embedded/frame-writer';
import { saveStreamIndex } from '@meterbook/event-store/embedded/stream-index-file';
import { StreamIndex } from '@meterbook/event-store/embedded/stream-index';
import type { NewEvent } from '@meterbook/event-store/event-store';
import { chainStart } from '@meterbook/event-store/hash-chain';
import { identityKey } from '@meterbook/ledger/engine/identity-key';
import { RecentIdentities } from '@meterbook/ledger/engine/recent-identities';
import { SystemClock } from '@meterbook/runtime/system-clock';

/** The platform of the books and its account with many charges; the others are `a0`, `a1` and so on. */
export const platform = 'budget';
export const busyAccount = 'busy';

const chargesPerEvent = 500;
const eventsPerCheckpoint = 2;
const firstDayMs = Date.parse('2026-01-01T00:00:00Z');
const msPerCharge = 1000;
const currency = 'USD';
const digest = 'AbCdEfGhIjK';

/**
 * Writes books straight as frames, as years of business would have left them, in seconds: accounts that were opened and
 * recharged, and one with many charges and its checkpoints. Everything is relayed.
 */
export async function writeBooks(directory: string, accounts: number, charges: number): Promise<void> {
  const folder = join(directory, 'store');
  await new EmbeddedEventStore(folder, new SystemClock()).close();
  const database = openDatabase(join(folder, 'events.db'));
  database.pragma(`page_size = ${PAGE_BYTES}`);
  database.pragma('journal_mode = OFF');
  database.pragma('synchronous = OFF');
  const insert = database.prepare<[number, number, number, string, Buffer]>(
    'INSERT INTO frames (position, events, booked_at, hash, body) VALUES (?, ?, ?, ?, ?)',
  );
  const chain = new FrameChain('', firstDayMs, insert);
  const writer = new FrameWriter(0, (frame) => chain.add(frame));
  const books = new Books(writer);
  database.transaction(() => {
    for (let number = 0; number < accounts; number++) for (const event of opening()) books.add(`a${number}`, event);
    for (const event of opening()) books.add(busyAccount, event);
    for (let from = 0; from < charges; from += chargesPerEvent) books.charge(from);
    books.relayed();
    writer.flush();
  })();
  database.pragma('journal_mode = WAL');
  database.close();
  await saveStreamIndex(join(folder, 'events.index'), books.index, writer.next, chain.lastHash);
}

function opening(): AccountEvent[] {
  const occurredAt = new Date(firstDayMs).toISOString();
  return [
    { type: 'AccountOpened', occurredAt, currency },
    {
      type: 'WalletRecharged',
      occurredAt,
      rulebook: 1,
      rechargeId: 'first',
      provider: 'manual',
      currency,
      credited: '1000',
      paid: { amount: '1000', currency },
      fxRate: null,
      lot: 0,
      settled: '0',
      recharges: { count: 1, largest: '1000', cumulative: '1000' },
      wallet: '1000',
      receivable: '0',
      digest: 'A'.repeat(22),
    },
  ];
}

class Books {
  readonly index = new StreamIndex();
  private readonly hashes = new Map<string, string>();
  private account: Account | undefined;
  private recent = new RecentIdentities();
  private charged = 0;

  constructor(private readonly writer: FrameWriter) {}

  add(name: string, event: AccountEvent): void {
    const stream = `account-${platform}/${name}`;
    const revision = this.write(stream, (at, previous) => encodeEvent(stream, at, previous, event, { actor: 'books' }));
    if (name === busyAccount) this.account = evolve(this.account, event, revision);
  }

  /** One event of many charges; every other one is followed by a checkpoint. */
  charge(from: number): void {
    const stream = `account-${platform}/${busyAccount}`;
    const event = usageCharged(from);
    const { type, ...data } = event;
    const revision = this.write(stream, (at, previous) =>
      encodeTexts(stream, at, previous, type, JSON.stringify(data), '{}'),
    );
    this.account = evolve(this.account, event, revision);
    for (const [index, { source, id }] of event.charges.entries())
      this.recent.add(identityKey(stream, source, id), revision, index, digest);
    this.charged += 1;
    if (this.charged % eventsPerCheckpoint === 0) this.checkpoint(stream, revision);
  }

  /** Notes that the relay has passed everything on. */
  relayed(): void {
    const note = { type: 'RelayAdvanced', position: String(this.writer.next - 1) };
    this.write('relay-entries', (at, previous) => encodeEvent('relay-entries', at, previous, note, {}));
  }

  private checkpoint(stream: string, revision: number): void {
    if (!this.account) throw new Error('charged before it was opened');
    const state = toSnapshot(this.account);
    const hash = this.hashes.get(stream) ?? '';
    const event = { type: 'AccountCheckpointed', revision, hash, state, identities: this.recent.pack() };
    const checkpoints = stream.replace('account-', 'checkpoint-');
    this.write(checkpoints, (at, previous) => encodeEvent(checkpoints, at, previous, event, { actor: 'ledger' }));
    this.recent = new RecentIdentities();
  }

  private write(stream: string, encode: (revision: number, previousHash: string) => NewEvent): number {
    const head = this.index.head(stream);
    const event = encode(head ? head.revision + 1 : 0, this.hashes.get(stream) ?? chainStart);
    const { revision, position, offset } = this.writer.add(stream, head, event);
    this.index.set(stream, revision, position, offset);
    this.hashes.set(stream, event.hash);
    return revision;
  }
}

/** Charges of a millionth each, a second apart. */
function usageCharged(from: number): Extract<AccountEvent, { type: 'UsageCharged' }> {
  const charges = Array.from({ length: chargesPerEvent }, (_, i) => ({
    source: 'gateway',
    id: `req-${from + i}`,
    occurredAt: new Date(firstDayMs + (from + i) * msPerCharge).toISOString(),
    model: 'call',
    tier: 'default',
    group: 'default',
    rulebook: 1,
    units: { requests: 1 },
    price: { mode: 'request' as const, unit: '0.000001' },
    factors: [['tierDiscount', '1'] as const, ['groupMultiplier', '1'] as const],
    amount: '0.000001',
    lots: [[0, '0.000001'] as const],
    digest,
  }));
  const left = String(1_000_000_000 - from - chargesPerEvent).padStart(10, '0');
  const wallet = `${left.slice(0, -6)}.${left.slice(-6)}`.replace(/^0+(?=\d)/, '').replace(/\.?0+$/, '');
  return { type: 'UsageCharged', charges, currency, wallet };
}
