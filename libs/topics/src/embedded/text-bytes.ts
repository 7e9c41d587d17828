import { isUtf8 } from 'node:buffer';

/** An invalid byte 0x80…0xFF is carried as the lone surrogate U+DC80…U+DCFF (as Python's `surrogateescape` does). */
const ESCAPE_BASE = 0xdc00;
/** With the `u` flag a surrogate that is half of a pair does not match. */
const escapes = /([\udc80-\udcff])/u;

/** The bytes of a text: UTF-8, with every escaped byte as it was. Any other lone surrogate becomes U+FFFD, as in every UTF-8 encoder. */
export function bytesOf(text: string): Buffer {
  if (isWellFormed(text)) return Buffer.from(text);
  const parts = text.split(escapes);
  return Buffer.concat(
    parts.map((part, i) => (i % 2 === 0 ? Buffer.from(part) : Buffer.of(part.charCodeAt(0) & 0xff))),
  );
}

export function byteLengthOf(text: string): number {
  return isWellFormed(text) ? Buffer.byteLength(text) : bytesOf(text).length;
}

/** The text of any bytes. `bytesOf` gives exactly these bytes back. */
export function textOf(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  let text = '';
  for (let i = 0; i < bytes.length;) {
    const sequence = bytes.subarray(i, i + sequenceLength(bytes[i] ?? 0));
    if (isUtf8(sequence)) {
      text += sequence.toString('utf8');
      i += sequence.length;
    } else {
      text += String.fromCharCode(ESCAPE_BASE + (bytes[i] ?? 0));
      i += 1;
    }
  }
  return text;
}

function sequenceLength(lead: number): number {
  if (lead < 0xc0) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

/** Node 20 has it, the language level this compiles to does not name it yet. */
function isWellFormed(text: string): boolean {
  return (text as string & { isWellFormed(): boolean }).isWellFormed();
}
