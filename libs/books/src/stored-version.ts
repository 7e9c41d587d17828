import { Buffer } from 'node:buffer';
import { promisify } from 'node:util';
import { deflateRaw, inflateRaw, inflateRawSync } from 'node:zlib';
import { readStoredInSteps, readStoredRulebook, type ReadRulebook } from '@meterbook/domain/rulebook/read-rulebook';
import type { PublishedRulebook, Rulebook } from '@meterbook/domain/rulebook/rulebook';
import { folded } from '@meterbook/event-store/damaged-streams';
import { othersTurn } from '@meterbook/runtime/system-turn';

/** Versions that are kept ready beside those in force and those to come, of all platforms together. */
export const MAX_READY_VERSIONS = 8;

/** UTF-16 units of content that is read at once: two or three milliseconds of work. Larger content is read in steps. */
const MAX_UNITS_AT_ONCE = 64 * 1024;

const [deflate, inflate] = [promisify(deflateRaw), promisify(inflateRaw)];

/** What a stored version says of itself. */
export interface VersionHead {
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly effectiveFrom: number;
  readonly sha256: string;
}

/** The versions that were asked for last, kept ready. */
export class ReadyVersions {
  private readonly ready = new Map<StoredVersion, Rulebook>();

  get size(): number {
    return this.ready.size;
  }

  of(version: StoredVersion, read: () => Rulebook): Rulebook {
    const rulebook = this.ready.get(version) ?? read();
    this.ready.delete(version);
    this.ready.set(version, rulebook);
    if (this.ready.size > MAX_READY_VERSIONS) {
      const oldest = this.ready.keys().next();
      if (!oldest.done) this.ready.delete(oldest.value);
    }
    return rulebook;
  }
}

/**
 * One version of a platform's rules. Its content is kept compressed and read when it is asked for: a large rulebook takes thirty
 * times its text in memory, and of most versions nothing is ever asked again.
 */
export class StoredVersion implements PublishedRulebook {
  readonly version: number;
  readonly effectiveFrom: number;
  readonly sha256: string;
  private content: { readonly text: string } | { readonly packed: Buffer };
  private readonly units: number;
  private kept: Rulebook | undefined;
  private keeping: Promise<void> | undefined;

  constructor(
    private readonly stream: string,
    { version, effectiveFrom, sha256 }: VersionHead,
    text: string,
    private readonly ready: ReadyVersions,
  ) {
    this.version = version;
    this.effectiveFrom = effectiveFrom;
    this.sha256 = sha256;
    this.content = { text };
    this.units = text.length;
    void this.pack(text);
  }

  /** The rules; throws `StreamDamaged` where the content is none. */
  get rulebook(): Rulebook {
    return this.kept ?? this.ready.of(this, () => this.read());
  }

  /** Whether it is read already. */
  get isKept(): boolean {
    return this.kept !== undefined;
  }

  /** Reads it and keeps it ready, since it is in force or will be; others have their turn meanwhile. Throws `StreamDamaged`. */
  async keep(): Promise<void> {
    if (this.kept) return;
    if (this.units <= MAX_UNITS_AT_ONCE) this.kept = this.read();
    else
      await (this.keeping ??= this.readInTurns().finally(() => {
        this.keeping = undefined;
      }));
  }

  /** It is not in force any more. */
  release(): void {
    this.kept = undefined;
  }

  /** JSON text of the content as it was published, without `effectiveFrom`. */
  async text(): Promise<string> {
    return 'text' in this.content ? this.content.text : (await inflate(this.content.packed)).toString();
  }

  private read(): Rulebook {
    const { content } = this;
    return folded(this.stream, () =>
      this.rulesOf(
        readStoredRulebook(JSON.parse('text' in content ? content.text : inflateRawSync(content.packed).toString())),
      ),
    );
  }

  private async readInTurns(): Promise<void> {
    const text = await this.text();
    const steps = folded(this.stream, () => readStoredInSteps(JSON.parse(text)));
    for (;;) {
      await othersTurn();
      const step = folded(this.stream, () => steps.next());
      if (step.done === true) {
        this.kept = folded(this.stream, () => this.rulesOf(step.value));
        return;
      }
    }
  }

  private rulesOf(read: ReadRulebook): Rulebook {
    if (read.kind === 'valid') return read.rulebook;
    throw new Error(`version ${this.version} cannot be read: ${JSON.stringify(read.faults.slice(0, 3))}`);
  }

  /** In the background; until it is done, and where it fails, the text itself is kept. */
  private async pack(text: string): Promise<void> {
    const packed = await deflate(Buffer.from(text)).catch(() => undefined);
    if (packed) this.content = { packed };
  }
}
