import type { RecordedEvent } from './recorded-event';

/** Members of a stream's metadata by which the server drops events; a soft deletion sets `$tb`. */
const losing = ['$maxAge', '$maxCount', '$tb'];
/** Streams named in the refusal. */
const maxNamed = 10;

/** Where the server keeps the metadata of the streams with a prefix. */
export function metadataPrefix(prefix: string): string {
  return `$$${prefix}`;
}

/** Streams whose newest metadata lets the server drop events of theirs. */
export class RetentionCheck {
  private readonly bad = new Map<string, readonly string[]>();

  add(record: RecordedEvent): void {
    const stream = record.stream.slice(metadataPrefix('').length);
    const settings = losing.filter((name) => hasMember(record.data, name));
    if (settings.length > 0) this.bad.set(stream, settings);
    else this.bad.delete(stream);
  }

  /** Refuses to go on where a stream could lose, or has lost, events. */
  conclude(): void {
    if (this.bad.size === 0) return;
    const named = [...this.bad].slice(0, maxNamed).map(([stream, settings]) => `${stream} (${settings.join(', ')})`);
    const others = this.bad.size > named.length ? ` and ${this.bad.size - named.length} more` : '';
    throw new Error(`ledger streams may not lose events, and these are set to: ${named.join(', ')}${others}`);
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
