import { Buffer } from 'node:buffer';
import type { RulebookPart, RulebookPublishedInParts, RulebookWithdrawn } from '@meterbook/domain/rulebook/events';
import { instantMs } from '@meterbook/domain/time/instant';
import type { StoredEvent } from '@meterbook/event-store/event-store';
import { decodeEvent } from './event-codec';
import type { VersionHead } from './stored-version';

/** Largest content of a version that one event holds, bytes of its JSON text. */
export const MAX_WHOLE_CONTENT_BYTES = 900 * 1024;
/** UTF-16 units of a part: as a JSON string no unit takes more than three bytes, so that a part is no larger than 900 KiB. */
const PART_UNITS = 300 * 1024;
/** Parts of one version at the most; what a publication left behind that came to nothing is not kept beyond them. */
const MAX_PARTS = 64;

/** A version that is to be stored. */
export interface NewVersion {
  readonly version: number;
  /** RFC 3339. */
  readonly effectiveFrom: string;
  readonly sha256: string;
  /** JSON text of the content, without `effectiveFrom`. */
  readonly text: string;
}

/** An event of a rulebook's stream: its type and its JSON text. */
interface VersionEvent {
  readonly type: string;
  readonly data: string;
}

/** The events that store a version, each small enough for any engine, in order and each made when it is asked for. */
export function* versionEvents({ text, ...head }: NewVersion): Generator<VersionEvent, void> {
  if (text.length <= MAX_WHOLE_CONTENT_BYTES && Buffer.byteLength(text) <= MAX_WHOLE_CONTENT_BYTES) {
    yield { type: 'RulebookPublished', data: `${JSON.stringify(head).slice(0, -1)},"rulebook":${text}}` };
    return;
  }
  const parts = Math.ceil(text.length / PART_UNITS);
  if (parts > MAX_PARTS) throw new Error(`a rulebook of ${text.length} units has more than ${MAX_PARTS} parts`);
  for (let at = 0; at < text.length; at += PART_UNITS)
    yield { type: 'RulebookPart', data: JSON.stringify({ text: text.slice(at, at + PART_UNITS) }) };
  yield { type: 'RulebookPublishedInParts', data: JSON.stringify({ ...head, parts }) };
}

/** What an event of a rulebook's stream comes to. */
export type ReadVersion =
  /** `text` is the JSON text of its content. */
  | { readonly kind: 'published'; readonly head: VersionHead; readonly text: string }
  | { readonly kind: 'withdrawn'; readonly version: number }
  /** A part of a version that is not whole yet. */
  | { readonly kind: 'part' };

const part: ReadVersion = { kind: 'part' };

/** Puts versions together from the events of a rulebook's stream, in order. */
export class VersionReader {
  private parts: string[] = [];

  /** What the next event says. Throws where it makes no sense. */
  read(stored: StoredEvent): ReadVersion {
    const { type, data, revision } = stored;
    switch (type) {
      case 'RulebookPart':
        this.parts.push(decodeEvent<RulebookPart>(stored).text);
        if (this.parts.length > MAX_PARTS) this.parts.shift();
        return part;
      case 'RulebookPublished':
        this.parts = [];
        return whole(data);
      case 'RulebookPublishedInParts':
        return this.assembled(decodeEvent<RulebookPublishedInParts>(stored));
      case 'RulebookWithdrawn':
        this.parts = [];
        return { kind: 'withdrawn', version: decodeEvent<RulebookWithdrawn>(stored).version };
      default:
        throw new Error(`revision ${revision} is a ${type}, which this version does not know`);
    }
  }

  private assembled({ parts: count, ...head }: RulebookPublishedInParts): ReadVersion {
    const parts = this.parts.slice(-count);
    this.parts = [];
    if (parts.length !== count) throw new Error(`version ${head.version} lacks parts`);
    return { kind: 'published', head: headOf(head), text: parts.join('') };
  }
}

/** The content is the last member, so that it need not be parsed to be found; a text of another order is parsed. */
function whole(data: string): ReadVersion {
  const marker = ',"rulebook":';
  const at = data.indexOf(marker);
  if (at > 0 && at < LONGEST_HEAD) {
    const head = JSON.parse(`${data.slice(0, at)}}`) as Parameters<typeof headOf>[0];
    return { kind: 'published', head: headOf(head), text: data.slice(at + marker.length, -1) };
  }
  const { rulebook, ...head } = JSON.parse(data) as { rulebook?: unknown } & Parameters<typeof headOf>[0];
  if (rulebook === undefined) throw new Error('it has no content');
  return { kind: 'published', head: headOf(head), text: JSON.stringify(rulebook) };
}

/** Version, instant and digest take less, UTF-16 units. */
const LONGEST_HEAD = 300;

function headOf({ version, effectiveFrom, sha256 }: Omit<NewVersion, 'text'>): VersionHead {
  const at = typeof effectiveFrom === 'string' ? instantMs(effectiveFrom) : Number.NaN;
  if (!Number.isSafeInteger(version) || Number.isNaN(at) || typeof sha256 !== 'string')
    throw new Error('it has no version, no time or no digest');
  return { version, effectiveFrom: at, sha256 };
}
