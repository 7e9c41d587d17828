import { FixedRandom } from '@meterbook/runtime/testing/fixed-random';
import { RequestIds } from './request-ids';

describe('the ids of requests', () => {
  it('are 16 characters of chance each, none of which is used twice', () => {
    let asked = 0;
    const ids = new RequestIds({
      bytes: (count) => {
        asked += 1;
        return Uint8Array.from({ length: count }, (_, at) => (at * 7 + asked * 31 + (at >> 5)) % 256);
      },
    });
    const taken = Array.from({ length: 1_000 }, () => ids.next());
    for (const id of taken) expect(id).toMatch(/^[\w-]{16}$/);
    expect(asked).toBe(4);
    expect(new RequestIds(new FixedRandom(0)).next()).toHaveLength(16);
  });

  it('differ as the bytes do', () => {
    const ids = new RequestIds({
      bytes: (count) => Uint8Array.from({ length: count }, (_, at) => Math.floor(at / 12)),
    });
    expect(new Set(Array.from({ length: 256 }, () => ids.next())).size).toBe(256);
  });
});
