import * as fc from 'fast-check';
import { comparePositions } from '../event-store';
import { batchesOf, MAX_APPEND_BYTES } from './append-batches';
import { checkedConnectionString } from './connection-string';
import { logPosition, positionText, recordedPosition, zeroPosition } from './position-text';
import { eventIdOf, toProposal, withHash, withoutHash } from './recorded-event';

const hash = 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg';

describe('an event id', () => {
  it('is the first half of the hash as a UUID of version 8', () => {
    expect(Buffer.from(hash, 'base64url').toString('hex', 0, 16)).toBe('9f86d081884c7d659a2feaa0c55ad015');
    expect(eventIdOf(hash)).toBe('9f86d081-884c-8d65-9a2f-eaa0c55ad015');
  });

  it.each(['', 'abc', `${hash}A`, hash.slice(1)])('is not made of what is no SHA-256: %j', (text) => {
    expect(() => eventIdOf(text)).toThrow('is not a SHA-256');
  });
});

describe('the hash in the metadata', () => {
  it('goes in as the last member and comes out again, every other byte as it was', () => {
    const space = fc.stringMatching(/^[ \n\t\r]{0,3}$/);
    const object = fc.tuple(fc.dictionary(fc.string(), fc.jsonValue()), space, space).map(([value, before, after]) => {
      const text = JSON.stringify(value);
      return `{${before}${text.slice(1, -1)}${after}}`;
    });
    fc.assert(
      fc.property(object, fc.option(fc.maxSafeNat(), { nil: undefined }), (metadata, bookedAt) => {
        const stored = withHash(metadata, hash, bookedAt);
        expect(withoutHash(stored)).toEqual({ metadata, hash, bookedAt });
        expect(JSON.parse(stored)).toMatchObject({ hash, ...(bookedAt !== undefined && { bookedAt }) });
      }),
    );
  });

  it('is not put behind what could be taken for the time of another store', () => {
    expect(() => withHash('{"actor":"x","bookedAt":17}', hash)).toThrow('must not end in a "bookedAt"');
    const within = '{"bookedAt":17,"actor":"x"}';
    expect(withoutHash(withHash(within, hash))).toEqual({ metadata: within, hash, bookedAt: undefined });
  });

  it.each(['{}', '{"hash":"short"}', '[]', '', `{"hash":"${hash}","actor":"x"}`, `{"nested":{"hash":"${hash}"}}`])(
    'is not found where it is not the last member: %s',
    (stored) => expect(withoutHash(stored)).toBeUndefined(),
  );
});

describe('a position', () => {
  it('sorts as a text in the order of the log', () => {
    const place = fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }));
    fc.assert(
      fc.property(place, place, (a, b) => {
        const [left, right] = [positionText(String(a[0]), String(a[1])), positionText(String(b[0]), String(b[1]))];
        const order = a[0] === b[0] ? a[1] - b[1] : a[0] - b[0];
        expect(Math.sign(comparePositions(left, right))).toBe(order === 0n ? 0 : order < 0n ? -1 : 1);
        expect(logPosition(left)).toEqual({ commit: String(a[0]), prepare: String(a[1]) });
      }),
    );
    expect(comparePositions(zeroPosition, positionText('1', '1'))).toBeLessThan(0);
  });

  it('is refused where the server does not know it', () => {
    const unknown = String(2n ** 64n - 1n);
    expect(() => recordedPosition(unknown, unknown)).toThrow('23.10 or later');
  });

  it.each(['', '17', '1/1', `${zeroPosition}0`, 'start'])('is not read from %j', (text) => {
    expect(() => logPosition(text)).toThrow('is not a position');
  });
});

describe('the parts of a large append', () => {
  const proposal = (bytes: number) => toProposal({ type: 'T', data: 'x'.repeat(bytes), metadata: '{}', hash });
  const overhead = proposal(0).bytes;

  it('are as few as fit, in order, and none is larger than one append may be', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400_000 }), { maxLength: 12 }), (sizes) => {
        const proposals = sizes.map(proposal);
        const batches = batchesOf('s', proposals);
        expect(batches.flat()).toEqual(proposals);
        const totals = batches.map((batch) => batch.reduce((sum, { bytes }) => sum + bytes, 0));
        for (const [i, total] of totals.entries()) {
          expect(total).toBeLessThanOrEqual(MAX_APPEND_BYTES);
          const next = batches[i + 1]?.[0];
          if (next) expect(total + next.bytes).toBeGreaterThan(MAX_APPEND_BYTES);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('count bytes, not letters, and take one event of exactly the most there may be', () => {
    expect(toProposal({ type: 'T', data: 'ü', metadata: '{}', hash }).bytes).toBe(overhead + 2);
    expect(batchesOf('s', [proposal(MAX_APPEND_BYTES - overhead), proposal(0)])).toHaveLength(2);
    expect(() => batchesOf('s', [proposal(MAX_APPEND_BYTES - overhead + 1)])).toThrow('is more than');
  });
});

describe('a connection string', () => {
  it.each([
    'esdb://localhost:2113',
    'esdb://admin:changeit@a:1,b:2?nodePreference=leader&tlsCAFile=ca.pem',
    'esdb+discover://cluster.example:2113?keepAliveInterval=-1',
    'esdb://localhost?tls=false&connection_name=x',
  ])('is taken as it is: %s', (text) => expect(checkedConnectionString(text)).toBe(text));

  it.each([
    ['http://localhost', 'begin with esdb://'],
    ['esdb://', 'begin with esdb://'],
    ['esdb://admin:secret@h?tsl=false', 'there is no "tsl"'],
    ['esdb://admin:secret@h?tlsVerifyCert=false', 'there is no "tlsVerifyCert"'],
    ['esdb://admin:secret@h?throwOnAppendFailure=false', 'there is no "throwOnAppendFailure"'],
    ['esdb://admin:secret@h?tls=', 'give "tls" a value'],
    ['esdb://admin:secret@h?nodePreference=follower', 'prefer the leader'],
  ])('is refused where the client would not do what it says, without showing it: %s', (text, message) => {
    const refusal = (): string => checkedConnectionString(text);
    expect(refusal).toThrow(message);
    expect(refusal).not.toThrow('secret');
  });
});
