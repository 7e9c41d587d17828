import { hash } from 'node:crypto';

/** Slots that an index begins with; it doubles whenever it is half full. */
const FIRST_SLOTS = 64;
/** Two numbers a slot: the fingerprint, and the revision plus one; zero there is a slot that is free. */
const NUMBERS_PER_SLOT = 2;
const BYTES_PER_NUMBER = 4;
/** Pages that one question takes in: a millisecond or two, so that none has to wait for all of a long history. */
const PAGES_PER_QUESTION = 4;

/** 32 bits of SHA-256 over whose request it is and its id, never zero. Requests that share them are told apart by their events. */
export function fingerprintOf(stream: string, requestId: string): number {
  return hash('sha256', `${stream}\n${requestId}`, 'buffer').readUInt32LE(0) || 1;
}

/** The fingerprints of events that follow each other, zero where one held no request. */
interface Page {
  /** Revision of the first of them. */
  readonly first: number;
  readonly fingerprints: Uint32Array;
}

/**
 * Where the requests of one account that were held stand in its stream, by their fingerprints: eight to sixteen bytes each. Pages are
 * kept as they come and looked through, until some questions later all of them are taken in.
 */
export class RequestIndex {
  private slots = new Uint32Array(FIRST_SLOTS * NUMBERS_PER_SLOT);
  private count = 0;
  private readonly pages: Page[] = [];

  get bytes(): number {
    return (this.slots.length + this.pages.reduce((sum, page) => sum + page.fingerprints.length, 0)) * BYTES_PER_NUMBER;
  }

  addPage(first: number, fingerprints: Uint32Array): void {
    this.pages.push({ first, fingerprints });
  }

  add(fingerprint: number, revision: number): void {
    if ((this.count + 1) * NUMBERS_PER_SLOT * 2 > this.slots.length) this.grow();
    this.put(fingerprint, revision + 1);
    this.count += 1;
  }

  /** Revisions at which a request with this fingerprint was held, the newest first. */
  revisionsOf(fingerprint: number): number[] {
    this.takeInPages();
    const found: number[] = [];
    for (const { first, fingerprints } of this.pages)
      for (let at = fingerprints.indexOf(fingerprint); at >= 0; at = fingerprints.indexOf(fingerprint, at + 1))
        found.push(first + at);
    for (let slot = this.slotOf(fingerprint); ; slot = this.next(slot)) {
      const revision = this.slots[slot + 1] ?? 0;
      if (revision === 0) return found.sort((a, b) => b - a);
      if (this.slots[slot] === fingerprint) found.push(revision - 1);
    }
  }

  private takeInPages(): void {
    for (const { first, fingerprints } of this.pages.splice(-PAGES_PER_QUESTION))
      fingerprints.forEach((fingerprint, i) => {
        if (fingerprint !== 0) this.add(fingerprint, first + i);
      });
  }

  private put(fingerprint: number, revision: number): void {
    let slot = this.slotOf(fingerprint);
    while (this.slots[slot + 1] !== 0) slot = this.next(slot);
    this.slots[slot] = fingerprint;
    this.slots[slot + 1] = revision;
  }

  private grow(): void {
    const before = this.slots;
    this.slots = new Uint32Array(before.length * 2);
    for (let slot = 0; slot < before.length; slot += NUMBERS_PER_SLOT) {
      const revision = before[slot + 1] ?? 0;
      if (revision !== 0) this.put(before[slot] ?? 0, revision);
    }
  }

  private slotOf(fingerprint: number): number {
    return (fingerprint * NUMBERS_PER_SLOT) & (this.slots.length - 1);
  }

  private next(slot: number): number {
    return (slot + NUMBERS_PER_SLOT) & (this.slots.length - 1);
  }
}
