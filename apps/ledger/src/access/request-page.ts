/** Events of a `hold-` stream that one page tells of; the last of them carries it. */
export const PAGE_EVENTS = 2048;
const BYTES_PER_FINGERPRINT = 4;

/** Whether the event at a revision carries the page that it ends. */
export function endsPage(revision: number): boolean {
  return (revision + 1) % PAGE_EVENTS === 0;
}

/** The first revision of the page that a revision lies in. */
export function pageStart(revision: number): number {
  return revision - (revision % PAGE_EVENTS);
}

/** A page as it is stored: the fingerprints of its requests in the order of their revisions, zero where there is none. */
export function toPageText(fingerprints: readonly number[]): string {
  const bytes = Buffer.alloc(PAGE_EVENTS * BYTES_PER_FINGERPRINT);
  for (let i = 0; i < PAGE_EVENTS; i++) bytes.writeUInt32LE(fingerprints[i] ?? 0, i * BYTES_PER_FINGERPRINT);
  return bytes.toString('base64');
}

/** Throws where it is no page. */
export function fromPageText(text: string): Uint32Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== PAGE_EVENTS * BYTES_PER_FINGERPRINT) throw new Error(`a page of ${bytes.length} bytes`);
  const fingerprints = new Uint32Array(PAGE_EVENTS);
  for (let i = 0; i < PAGE_EVENTS; i++) fingerprints[i] = bytes.readUInt32LE(i * BYTES_PER_FINGERPRINT);
  return fingerprints;
}
