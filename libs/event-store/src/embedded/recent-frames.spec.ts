import { RecentFrames, type SoundFrame } from './recent-frames';

const mebibyte = 1024 * 1024;

function frameAt(position: number, bytes: number): SoundFrame {
  const [hash, hashBefore] = [`hash ${position}`, `hash ${position - 1}`];
  return { position, end: position + 1, bookedAt: 0, hash, hashBefore, bytes, lines: [] };
}

describe('the frames that were read last', () => {
  it('are given to whoever stands before them with the hash that they follow, and to nobody else', () => {
    const recent = new RecentFrames();
    const frame = frameAt(7, 100);
    recent.keep(frame);
    expect(recent.at(7, 'hash 6')).toBe(frame);
    expect(recent.at(7, 'another')).toBeUndefined();
    expect(recent.at(8, 'hash 6')).toBeUndefined();
  });

  it('are at most a mebibyte, the newest of them', () => {
    const recent = new RecentFrames();
    const bytes = mebibyte / 8;
    for (let position = 0; position < 100; position++) recent.keep(frameAt(position, bytes));
    const kept = Array.from({ length: 100 }, (_, position) => position).filter((position) =>
      recent.at(position, `hash ${position - 1}`),
    );
    expect(kept).toEqual([92, 93, 94, 95, 96, 97, 98, 99]);
  });

  it('hold none that is larger than all of them may be, and count one that is read again once', () => {
    const recent = new RecentFrames();
    recent.keep(frameAt(0, mebibyte));
    recent.keep(frameAt(1, mebibyte + 1));
    for (let again = 0; again < 3; again++) recent.keep(frameAt(0, mebibyte));
    expect(recent.at(0, 'hash -1')).toBeDefined();
    expect(recent.at(1, 'hash 0')).toBeUndefined();
  });
});
