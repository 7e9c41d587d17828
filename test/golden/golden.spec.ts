import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Account } from '@meterbook/domain/account/account';
import type { AccountCheckpointed } from '@meterbook/domain/account/checkpoint';
import type { AccountEvent } from '@meterbook/domain/account/events';
import { evolve } from '@meterbook/domain/account/evolve';
import { evolveHolds, newHoldBook, noteOf, type HoldBook } from '@meterbook/domain/access/hold-book';
import { postingsOf } from '@meterbook/domain/entries/postings';
import { asWrittenNow, toSnapshot } from '@meterbook/domain/account/snapshot';
import { toText } from '@meterbook/domain/amount/decimal';
import { canonicalJson } from '@meterbook/domain/rulebook/canonical-json';
import { readStoredRulebook } from '@meterbook/domain/rulebook/read-rulebook';
import type { TierEvent } from '@meterbook/domain/tier/events';
import type { TierState } from '@meterbook/domain/tier/tier';
import { evolveTier } from '@meterbook/domain/tier/tier';
import { Endpoints } from '@meterbook/domain/webhook/endpoints';
import type { WebhookEvent } from '@meterbook/domain/webhook/events';
import { decodeEvent } from '@meterbook/books/event-codec';
import { decodeHoldEvent } from '@meterbook/books/hold-stream';
import { VersionReader } from '@meterbook/books/version-events';
import { eventDeclarations } from '../support/event-declarations';

/** One stored event: its data is the very text that stands in the store. */
interface Golden {
  readonly file: string;
  readonly type: string;
  readonly data: string;
  readonly postings?: readonly (readonly [ledgerAccount: string, commodity: string, amount: string])[];
}

/** Each folder is one stream, its files in order: a new version of an event goes behind the last, and none is ever changed. */
const streams = [
  'account',
  'account-payments',
  'books',
  'books-content',
  'checkpoint',
  'checkpoint-payments',
  'hold',
  'platforms',
  'relay',
  'rulebook',
  'tier',
  'webhooks',
] as const;
/** The streams of accounts, each with the checkpoints that were taken of it. */
const accounts = [
  ['account', 'checkpoint'],
  ['account-payments', 'checkpoint-payments'],
] as const;

function goldenStream(stream: (typeof streams)[number]): Golden[] {
  const folder = join(__dirname, stream);
  return readdirSync(folder)
    .sort()
    .map((file) => ({ file, ...(JSON.parse(readFileSync(join(folder, file), 'utf8')) as Omit<Golden, 'file'>) }));
}

function accountUntil(stream: (typeof accounts)[number][0], revision: number): Account {
  const account = goldenStream(stream)
    .slice(0, revision + 1)
    .reduce<Account | undefined>(
      (before, golden, at) => evolve(before, decodeEvent<AccountEvent>(golden), at),
      undefined,
    );
  if (account === undefined) throw new Error('there is no golden account');
  return account;
}

describe('every stored event', () => {
  it('has a golden file', () => {
    const declared = eventDeclarations(join(__dirname, '../..')).flatMap(({ types }) => types);
    const golden = streams.flatMap((stream) => goldenStream(stream).map(({ type }) => type));
    expect(declared.length).toBeGreaterThan(10);
    expect([...new Set(golden)].sort()).toEqual([...new Set(declared)].sort());
    expect(declared).toEqual(expect.arrayContaining(['AccountOpened', 'TierPromoted', 'PlatformNamed']));
  });

  it('is stored as it was: reading and writing it again gives the same text', () => {
    for (const stream of streams) {
      for (const golden of goldenStream(stream)) {
        const { type, ...data } = decodeEvent<{ type: string }>(golden);
        expect([golden.file, type, JSON.stringify(data)]).toEqual([golden.file, golden.type, golden.data]);
      }
    }
  });
});

describe.each(accounts)('the events of %s', (stream, checkpoints) => {
  it.each(goldenStream(stream))('have the postings they always had: $file', (golden) => {
    const postings = postingsOf(decodeEvent<AccountEvent>(golden), 'acct-42');
    expect(postings.map(({ ledgerAccount, commodity, amount }) => [ledgerAccount, commodity, toText(amount)])).toEqual(
      golden.postings,
    );
  });

  it('fold to the state that a checkpoint of that time holds', () => {
    expect(goldenStream(checkpoints).length).toBeGreaterThan(0);
    for (const golden of goldenStream(checkpoints)) {
      const { revision, state } = decodeEvent<AccountCheckpointed>(golden);
      expect(asWrittenNow(state)).toEqual(toSnapshot(accountUntil(stream, revision)));
      expect(JSON.stringify(asWrittenNow(state))).toBe(JSON.stringify(toSnapshot(accountUntil(stream, revision))));
    }
  });

  it('fold to the balances that each of them states', () => {
    const last = goldenStream(stream).length - 1;
    expect(accountUntil(stream, last).revision).toBe(last);
  });
});

describe('the events of a tier', () => {
  it('fold to the tier they always meant', () => {
    const states = goldenStream('tier').map((_, index, all) =>
      all
        .slice(0, index + 1)
        .reduce<TierState | undefined>(
          (before, golden, at) => evolveTier(before, decodeEvent<TierEvent>(golden), at),
          undefined,
        ),
    );
    expect(states.slice(0, 4).map((state) => [state?.earned, state?.pinned, state?.rechargeRevision])).toEqual([
      [['vip'], null, 5],
      [['vip'], 'vip', 5],
      [['vip'], null, 5],
      [['plus', 'crew', 'vip'], null, 13],
    ]);
  });
});

describe('the events of webhooks', () => {
  it('fold to the endpoints they always meant', () => {
    const endpoints = new Endpoints();
    const states = goldenStream('webhooks').map((golden) => endpoints.evolve(decodeEvent<WebhookEvent>(golden)));
    expect(
      states.map(({ account, events, threshold, secrets }) => [account, events, threshold, secrets.length]),
    ).toEqual([
      ['acct-42', ['wallet.recharged', 'wallet.low'], '5', 1],
      [null, ['dead_letter.opened'], null, 1],
      ['acct-42', ['wallet.recharged'], null, 1],
      ...Array.from({ length: 4 }, () => ['acct-42', ['wallet.recharged'], null, 2]),
    ]);
    expect(states.map(({ enabled, disabledBecause, removed }) => [enabled, disabledBecause, removed])).toEqual([
      ...Array.from({ length: 4 }, () => [true, null, false]),
      [false, 'failing', false],
      [true, null, false],
      [true, null, true],
    ]);
  });
});

describe('the events of holds', () => {
  const events = goldenStream('hold').map((golden) => decodeHoldEvent(golden));
  const folded = (from: number): HoldBook => {
    const book = newHoldBook();
    for (const [i, event] of events.slice(from, 5).entries()) evolveHolds(book, event, from + i);
    return book;
  };

  it('fold to what they always set aside, and to what a note of that time says', () => {
    expect(toText(folded(0).held)).toBe('11.35');
    expect([...folded(0).live.values()].map(({ id }) => id)).toEqual([
      'auth_2_mwq8mpm8_Gk3nT0rQx7V',
      'auth_4_mwq94rb4_Gk3nT0rQx7V',
    ]);
    expect(noteOf(folded(4))).toEqual(events[4]?.note);
    expect(noteOf({ ...folded(0), settledTo: 5 })).toEqual(events[4]?.note);
  });
});

describe('the events of a rulebook', () => {
  it('are versions whose rules can be read, each with its digest', () => {
    const reader = new VersionReader();
    const read = goldenStream('rulebook').map(({ type, data }, revision) => {
      const at = {
        stream: 'rulebook-harbour',
        revision,
        position: String(revision),
        bookedAt: 0,
        metadata: '{}',
        hash: '',
      };
      return reader.read({ ...at, type, data });
    });
    expect(read.at(-1)).toEqual({ kind: 'withdrawn', version: 2 });
    const versions = read.filter((each) => each.kind === 'published');
    expect(versions.map(({ head }) => head.version)).toEqual([1, 2]);
    for (const { head, text } of versions) {
      const content: unknown = JSON.parse(text);
      expect(readStoredRulebook(content).kind).toBe('valid');
      expect(createHash('sha256').update(canonicalJson(content)).digest('hex')).toBe(head.sha256);
    }
  });
});
