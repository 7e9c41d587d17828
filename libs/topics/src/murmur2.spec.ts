import { murmur2, partitionOf } from './murmur2';

/** murmur2 as its definition reads, over bytes and in whole numbers. */
function asDefined(text: string): number {
  const bytes = Buffer.from(text);
  const word = (value: bigint): bigint => BigInt.asUintN(32, value);
  const mix = (value: bigint): bigint => word(value * 0x5bd1e995n);
  let hash = word(0x9747b28cn ^ BigInt(bytes.length));
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) {
    const mixed = mix(BigInt(bytes.readUInt32LE(at)));
    hash = mix(hash) ^ mix(mixed ^ (mixed >> 24n));
  }
  const rest = bytes.subarray(at);
  for (const [i, byte] of rest.entries()) hash ^= BigInt(byte) << BigInt(8 * i);
  if (rest.length > 0) hash = mix(hash);
  hash = mix(hash ^ (hash >> 13n));
  return Number(BigInt.asIntN(32, hash ^ (hash >> 15n)));
}

describe('murmur2', () => {
  // The vectors of org.apache.kafka.common.utils.UtilsTest.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes %s as Kafka does', (key, expected) => {
    expect(murmur2(key)).toBe(expected);
  });

  it('hashes the UTF-8 bytes of a key that is not ASCII', () => {
    // Each two-byte letter and the ASCII text whose bytes could be mistaken for it must differ.
    expect(murmur2('é')).not.toBe(murmur2('e'));
    expect(murmur2('é')).not.toBe(murmur2(String.fromCharCode(0xc3, 0xa9)));
    expect(murmur2('apibox/账户-1')).toBe(1918485479);
  });

  it('hashes a long ASCII key as it hashes its bytes', () => {
    const long = 'k'.repeat(1025);
    expect(murmur2(long)).toBe(2092614287);
  });

  it('hashes keys of every length as its definition says', () => {
    for (let length = 0; length < 40; length += 1)
      for (const unit of ['k', '7é', '账', '\u007f\u0080'])
        expect(murmur2(unit.repeat(length))).toBe(asDefined(unit.repeat(length)));
    expect(asDefined('apibox/账户-1')).toBe(1918485479);
    expect(asDefined('k'.repeat(1025))).toBe(2092614287);
  });

  it('puts a key whose hash is negative on a partition from 0 on', () => {
    expect(partitionOf('21', 16)).toBe((-973932308 & 0x7fffffff) % 16);
    for (let i = 0; i < 1000; i += 1) {
      const partition = partitionOf(`apibox/acct-${i}`, 7);
      expect(partition).toBeGreaterThanOrEqual(0);
      expect(partition).toBeLessThan(7);
    }
  });
});
