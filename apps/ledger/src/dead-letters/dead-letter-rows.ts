import type { Database } from '@meterbook/runtime/sqlite';
import { instantMs } from '@meterbook/domain/time/instant';
import {
  readDeadLetterText,
  type DeadLetter,
  type DeadLetterDismissed,
  type DeadLetterRecord,
} from '@meterbook/messages/dead-letter';
import type { DeadLetterPart } from '@meterbook/messages/dead-letter-parts';

/** Rows of a kind that are dropped in one go. */
const MAX_FORGOTTEN = 500;

/** What of a letter's row decides about the next word on it. */
interface KnownRow {
  readonly place: number;
  readonly dismissed: number;
  readonly dismissal: string | null;
  readonly platform: string;
  readonly reason: string;
  readonly model: string;
}

/** Writes into the file what the topic says, a record at a time, and keeps the counts of what waits. */
export class DeadLetterRows {
  constructor(private readonly database: Database) {}

  /** Takes in one record, which the topic took at an instant in milliseconds since 1970. */
  apply(said: DeadLetterRecord, takenAt: number): void {
    if (said.kind === 'dead-letter-part') this.putTogether(said, takenAt);
    else if (said.kind === 'resolved') this.settle(said.id, takenAt);
    else if (said.kind === 'dismissed') this.dismiss(said, takenAt);
    else this.hear(said, takenAt);
  }

  /** Drops some of what is so old that the topic has forgotten it: words on letters that were dealt with, and dismissed letters. True where there is more. */
  forget(before: number): boolean {
    const { changes: settled } = this.database
      .prepare(
        'DELETE FROM settled WHERE id IN (SELECT id FROM settled WHERE settled_at < ? ORDER BY settled_at LIMIT ?)',
      )
      .run(before, MAX_FORGOTTEN);
    const { changes: dismissed } = this.database
      .prepare(
        'DELETE FROM letters WHERE place IN (SELECT place FROM letters WHERE dismissed = 1 AND written_at < ? ORDER BY written_at LIMIT ?)',
      )
      .run(before, MAX_FORGOTTEN);
    return settled === MAX_FORGOTTEN || dismissed === MAX_FORGOTTEN;
  }

  private settle(id: string, takenAt: number): void {
    const known = this.known(id);
    if (known) this.remove(known);
    this.dropParts(id);
    this.database
      .prepare('INSERT OR REPLACE INTO settled (id, platform, settled_at) VALUES (?, ?, ?)')
      .run(id, known?.platform ?? '', takenAt);
  }

  private dismiss({ id, reason, by, at }: DeadLetterDismissed, takenAt: number): void {
    const known = this.known(id);
    if (!known || known.dismissed === 1) return;
    this.count(known, -1);
    this.database
      .prepare('UPDATE letters SET dismissed = 1, dismissal = ?, written_at = ? WHERE place = ?')
      .run(JSON.stringify({ reason, by, at }), takenAt, known.place);
  }

  private hear(letter: DeadLetter, takenAt: number): void {
    const known = this.known(letter.id);
    if (letter.carried === true) {
      // It says nothing new. Where the letter was dealt with meanwhile, that stands.
      if (known) this.database.prepare('UPDATE letters SET written_at = ? WHERE place = ?').run(takenAt, known.place);
      else if (!this.isSettled(letter.id)) this.keep(letter, takenAt, null);
    } else {
      if (known) this.remove(known);
      this.database.prepare('DELETE FROM settled WHERE id = ?').run(letter.id);
      // What was dismissed and was offered all the same stays so, unless there is news.
      this.keep(letter, takenAt, known?.reason === letter.reason ? known.dismissal : null);
    }
    this.dropParts(letter.id);
  }

  private keep(letter: DeadLetter, takenAt: number, dismissal: string | null): void {
    const { id, reason, account, event } = letter;
    const acceptedAt = instantMs(letter.acceptedAt);
    const { occurredAt, model } = whatItTells(event);
    const row = { platform: letter.platform ?? '', reason, model };
    this.database
      .prepare(
        `INSERT INTO letters (id, dismissed, accepted_at, occurred_at, written_at, platform, account, reason, model, letter, dismissal)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        id,
        dismissal === null ? 0 : 1,
        acceptedAt,
        occurredAt ?? acceptedAt,
        takenAt,
        row.platform,
        account,
        reason,
        model,
        JSON.stringify(letter),
        dismissal,
      );
    if (dismissal === null) this.count(row, 1);
  }

  private remove(known: KnownRow): void {
    this.database.prepare('DELETE FROM letters WHERE place = ?').run(known.place);
    if (known.dismissed === 0) this.count(known, -1);
  }

  private count({ reason, model, platform }: Pick<KnownRow, 'reason' | 'model' | 'platform'>, change: 1 | -1): void {
    this.database
      .prepare(
        'INSERT INTO counts (reason, model, platform, count) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count',
      )
      .run(reason, model, platform, change);
    if (change < 0)
      this.database
        .prepare('DELETE FROM counts WHERE reason = ? AND model = ? AND platform = ? AND count = 0')
        .run(reason, model, platform);
    this.database
      .prepare(
        'INSERT INTO totals (reason, count) VALUES (?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count',
      )
      .run(reason, change);
  }

  private known(id: string): KnownRow | undefined {
    return this.database
      .prepare<[string], KnownRow>(
        'SELECT place, dismissed, dismissal, platform, reason, model FROM letters WHERE id = ?',
      )
      .get(id);
  }

  private isSettled(id: string): boolean {
    return this.database.prepare('SELECT 1 FROM settled WHERE id = ?').get(id) !== undefined;
  }

  /** Keeps a part until all of its text are there; a text whose writer died half-way is written again, whole. */
  private putTogether({ id, digest, part, parts, text }: DeadLetterPart, takenAt: number): void {
    this.database
      .prepare('INSERT OR REPLACE INTO parts (id, digest, part, text) VALUES (?, ?, ?, ?)')
      .run(id, digest, part, text);
    if (part !== parts) return;
    const texts = this.database
      .prepare<[string, string], { text: string }>('SELECT text FROM parts WHERE id = ? AND digest = ? ORDER BY part')
      .all(id, digest);
    if (texts.length !== parts) return;
    const letter = readDeadLetterText(texts.map((row) => row.text).join(''));
    if (letter?.kind === 'dead-letter' && letter.id === id) this.hear(letter, takenAt);
  }

  private dropParts(id: string): void {
    this.database.prepare('DELETE FROM parts WHERE id = ?').run(id);
  }
}

/** Longest model that letters are counted by, in UTF-16 units: no rulebook has a longer one. */
const MAX_MODEL_LENGTH = 256;

/** When the usage of a letter occurred, milliseconds since 1970, and what it used, as far as its bytes say. */
function whatItTells(event: string): { readonly occurredAt: number | undefined; readonly model: string } {
  try {
    const read = JSON.parse(event) as { readonly time?: unknown; readonly data?: { readonly model?: unknown } | null };
    const at = typeof read.time === 'string' ? instantMs(read.time) : Number.NaN;
    const model = read.data?.model;
    return {
      occurredAt: Number.isNaN(at) ? undefined : at,
      model: typeof model === 'string' && model.length <= MAX_MODEL_LENGTH ? model : '',
    };
  } catch {
    return { occurredAt: undefined, model: '' };
  }
}
