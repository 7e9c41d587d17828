/** Stands before the name of a stream of metadata. */
const metadataMark = '$$';
/** Stands before the names of streams that do not bear our prefix; no stream of ours is called so. */
const othersMark = '!';

/** The names of streams as they stand on a server that is shared: a prefix before each, which nobody else knows of. */
export class StreamNames {
  constructor(private readonly prefix: string) {}

  /** The name, or the beginning of names, as the server has it. */
  stored(name: string): string {
    return name.startsWith(metadataMark)
      ? `${metadataMark}${this.prefix}${name.slice(metadataMark.length)}`
      : `${this.prefix}${name}`;
  }

  /** The name without the prefix. */
  plain(stored: string): string {
    if (this.prefix === '') return stored;
    const mark = stored.startsWith(metadataMark) ? metadataMark : '';
    const name = stored.slice(mark.length);
    return name.startsWith(this.prefix) ? `${mark}${name.slice(this.prefix.length)}` : `${othersMark}${stored}`;
  }
}

export const unprefixed = new StreamNames('');
