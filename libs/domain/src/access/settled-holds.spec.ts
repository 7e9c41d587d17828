import type { Charge } from '../account/charging/events';
import { formatInstant } from '../time/instant';
import { at } from '../testing/commands';
import { authorizationId, parseAuthorizationId } from './authorization-id';
import { LONGEST_HOLD_MS, MAX_SETTLED_HOLDS, noteCharged, noteSettled, type SettledHold } from './settled-holds';

const now = at(10);
const decidedAt = formatInstant(now);
const id = (hold: number, expiresAt: number): string => authorizationId({ hold, expiresAt }, 'abcdefghijkl');
const charge = (authorizationId: string): Charge => ({ authorizationId }) as Charge;

function settledBy(ids: readonly string[], when: string | undefined = decidedAt): SettledHold[] {
  const owner: { settledHolds: SettledHold[] | null } = { settledHolds: null };
  noteCharged(owner, ids.map(charge), when, 3);
  return owner.settledHolds ?? [];
}

describe('an authorization id', () => {
  it('says where its hold stands and until when it lives', () => {
    expect(parseAuthorizationId(id(41, now))).toEqual({ hold: 41, expiresAt: now });
  });

  it.each([
    '',
    'a1',
    'auth_1_2',
    'auth_1_2_short',
    'auth_-1_2_abcdefghijk',
    `auth_1_2_abcdefghijk\n`,
    'AUTH_1_2_abcdefghijk',
  ])('is none where it is %j', (text) => {
    expect(parseAuthorizationId(text)).toBeUndefined();
  });
});

describe('what charges settle', () => {
  it('is remembered with the revision that settled it', () => {
    expect(settledBy([id(1, now + 1)])).toEqual([{ id: id(1, now + 1), hold: 1, expiresAt: now + 1, at: 3 }]);
  });

  it.each<[string, string]>([
    ['does not parse', 'whatever a caller invents'],
    ['has expired', id(1, now)],
    ['claims to live longer than any hold', id(1, now + LONGEST_HOLD_MS + 300_001)],
  ])('is not what %s', (_why, invented) => {
    expect(settledBy([invented])).toEqual([]);
  });

  it('is nothing where nobody knows when it was decided', () => {
    const owner: { settledHolds: SettledHold[] | null } = { settledHolds: null };
    noteCharged(owner, [charge(id(1, now + 1))], undefined, 3);
    expect(owner.settledHolds).toBeNull();
  });

  it('is forgotten once it would have expired', () => {
    const owner: { settledHolds: SettledHold[] | null } = { settledHolds: null };
    noteCharged(owner, [charge(id(1, now + 10)), charge(id(2, now + 20))], decidedAt, 3);
    noteCharged(owner, [charge(id(3, now + 30))], formatInstant(now + 15), 4);
    expect(owner.settledHolds?.map(({ hold }) => hold)).toEqual([2, 3]);
  });

  it('is bounded, whatever a caller invents: the oldest go', () => {
    const invented = Array.from({ length: MAX_SETTLED_HOLDS + 5 }, (_, hold) => id(hold, now + 1000));
    const kept = settledBy(invented);
    expect([kept.length, kept[0]?.hold]).toEqual([MAX_SETTLED_HOLDS, 5]);
  });
});

it('a refund settles the hold that it names', () => {
  const owner: { settledHolds: SettledHold[] | null } = { settledHolds: null };
  noteSettled(owner, undefined, 1);
  noteSettled(owner, id(4, now), 2);
  expect(owner.settledHolds).toEqual([{ id: id(4, now), hold: 4, expiresAt: now, at: 2 }]);
});
