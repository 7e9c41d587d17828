import fc from 'fast-check';
import { byteLengthOf, bytesOf, textOf } from './text-bytes';

describe('a text that carries any bytes', () => {
  it('is plain UTF-8 where the bytes are', () => {
    const text = 'apibox/账户 ü 💀\t\n';
    expect(bytesOf(text)).toEqual(Buffer.from(text));
    expect(textOf(Buffer.from(text))).toBe(text);
  });

  it('has a lone surrogate for each byte that is no UTF-8', () => {
    expect(textOf(Buffer.of(0x61, 0xff, 0xc3, 0x62, 0xe4, 0xbd))).toBe('a\udcff\udcc3b\udce4\udcbd');
    // A surrogate written as UTF-8, an overlong slash and a cut-off emoji are no UTF-8 either.
    expect(textOf(Buffer.of(0xed, 0xb2, 0x80))).toBe('\udced\udcb2\udc80');
    expect(textOf(Buffer.of(0xc0, 0xaf))).toBe('\udcc0\udcaf');
    expect(textOf(Buffer.from('💀').subarray(0, 3))).toBe('\udcf0\udc9f\udc92');
  });

  it('gives every byte back, through JSON as well', () => {
    const bytesAnyUtf8 = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.string({ unit: 'binary' }).map((s) => Buffer.from(s)),
    );
    fc.assert(
      fc.property(bytesAnyUtf8, bytesAnyUtf8, (head, tail) => {
        const bytes = Buffer.concat([head, tail]);
        const text = textOf(bytes);
        expect(bytesOf(text).equals(bytes)).toBe(true);
        expect(byteLengthOf(text)).toBe(bytes.length);
        expect(bytesOf(JSON.parse(JSON.stringify(text)) as string).equals(bytes)).toBe(true);
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  it('turns any other half of a pair into the replacement character', () => {
    expect(bytesOf('a\ud800b\udc00c')).toEqual(Buffer.from('a\ufffdb\ufffdc'));
  });
});
