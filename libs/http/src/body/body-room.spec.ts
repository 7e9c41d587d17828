import fc from 'fast-check';
import { Problem } from '../problem/problem';
import { BodyRoom } from './body-room';

const [MAX, BODY] = [100, 10];

const takes = (take: () => void): boolean => {
  try {
    take();
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(Problem);
    return false;
  }
};

describe('the room for bodies', () => {
  it('gives one caller half of it, and two a third each', () => {
    const room = new BodyRoom(MAX, BODY);
    const [a, b] = [room.enter('a', 0), room.enter('b', 0)];
    while (takes(() => a.take(1)));
    expect(room.bytesHeld).toBe(50);
    while (takes(() => b.take(1)));
    expect(room.bytesHeld).toBe(75);
    a.leave();
    a.leave();
    expect(room.bytesHeld).toBe(25);
    b.leave();
    expect(room.bytesHeld).toBe(0);
  });

  it('holds nothing for what is only announced, and refuses what could not fit', () => {
    const room = new BodyRoom(MAX, BODY);
    for (let n = 0; n < 1_000; n += 1) room.enter('a', BODY);
    expect(room.bytesHeld).toBe(0);
    expect(() => room.enter('a', MAX + 1)).toThrow(Problem);
  });

  it('never holds more than it may, and always has some for who holds nothing while others are few', () => {
    const step = fc.record({ caller: fc.nat(3), bytes: fc.integer({ min: 1, max: BODY }), leaves: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const room = new BodyRoom(MAX, BODY);
        const places = [0, 1, 2, 3].map((n) => room.enter(`c${n}`, 0));
        for (const { caller, bytes, leaves } of steps) {
          if (leaves) {
            places[caller]?.leave();
            places[caller] = room.enter(`c${caller}`, 0);
          } else takes(() => places[caller]?.take(bytes));
          expect(room.bytesHeld).toBeLessThanOrEqual(MAX);
          const newcomer = room.enter('new', 0);
          expect(takes(() => newcomer.take(1))).toBe(true);
          newcomer.leave();
        }
      }),
    );
  });
});
