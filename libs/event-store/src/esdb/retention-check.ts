import { StoreUnfit } from '../store-failure';
import type { RecordedEvent } from './recorded-event';

/** Members of a stream's metadata by which the server drops events; a soft deletion sets `$tb`. */
const losing = ['$maxAge', '$maxCount', '$tb'];
/** Streams named in a refusal. */
const MAX_NAMED = 10;
/** The server keeps the metadata of a stream in a stream of this name before its own. */
const metadataMark = '$$';

/** Where the server keeps the metadata of a stream, or of the streams with a prefix. */
export function metadataPrefix(prefix: string): string {
  return `${metadataMark}${prefix}`;
}

/** The stream whose metadata stands in a stream; undefined where that is no stream of metadata. */
export function streamOfMetadata(stream: string): string | undefined {
  return stream.startsWith(metadataMark) ? stream.slice(metadataMark.length) : undefined;
}

/** The settings of a record of metadata by which the server drops events. */
export function losingSettings({ data }: Pick<RecordedEvent, 'data'>): readonly string[] {
  return losing.filter((name) => hasMember(data, name));
}

/** One sentence for whoever has to take such settings off. */
export function losingSentence(streams: readonly (readonly [string, readonly string[]])[]): string {
  const named = streams.slice(0, MAX_NAMED).map(([stream, settings]) => `${stream} (${settings.join(', ')})`);
  const others = streams.length > named.length ? ` and ${streams.length - named.length} more` : '';
  return (
    `ledger streams may not lose events, and these are set to: ${named.join(', ')}${others}; ` +
    'write the metadata of each without these settings'
  );
}

/** Streams whose newest metadata lets the server drop events of theirs. */
export class RetentionCheck {
  private readonly bad = new Map<string, { readonly settings: readonly string[]; readonly record: RecordedEvent }>();

  /** Notes what a record of metadata sets; gives the stream where that loses events. */
  add(record: RecordedEvent): string | undefined {
    const stream = streamOfMetadata(record.stream);
    if (stream === undefined) return undefined;
    const settings = losingSettings(record);
    if (settings.length > 0) this.bad.set(stream, { settings, record });
    else this.bad.delete(stream);
    return settings.length > 0 ? stream : undefined;
  }

  forget(stream: string): void {
    this.bad.delete(stream);
  }

  /** The settings by which a stream loses events; undefined where it has none. */
  settingsOf(stream: string): readonly string[] | undefined {
    return this.bad.get(stream)?.settings;
  }

  /** The streams with such settings, and the record that made them. */
  *found(): Iterable<{
    readonly stream: string;
    readonly settings: readonly string[];
    readonly record: RecordedEvent;
  }> {
    for (const [stream, { settings, record }] of this.bad) yield { stream, settings, record };
  }

  /** A sentence where a stream could lose, or has lost, events. */
  sentence(): string | undefined {
    if (this.bad.size === 0) return undefined;
    return losingSentence([...this.bad].map(([stream, { settings }]) => [stream, settings]));
  }

  /** Refuses to go on where a stream could lose, or has lost, events. */
  conclude(): void {
    const sentence = this.sentence();
    if (sentence !== undefined) throw new StoreUnfit(sentence);
  }
}

function hasMember(text: string, name: string): boolean {
  try {
    const metadata: unknown = JSON.parse(text);
    return typeof metadata === 'object' && metadata !== null && name in metadata;
  } catch {
    // What the server cannot read either sets nothing.
    return false;
  }
}
