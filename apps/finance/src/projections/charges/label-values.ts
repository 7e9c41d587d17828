import type { Database, Statement } from '@meterbook/runtime/sqlite';
import { OTHER_LABELS } from '@meterbook/domain/usage/labels';

/** Values of one label that are told apart of a platform's UTC day. */
export const MAX_VALUES_A_DAY = 100_000;
/** Values that are remembered beside the file; one takes about 100 bytes. */
const MAX_REMEMBERED = 200_000;

export const labelSchema = `
  CREATE TABLE label_values (
    day INTEGER NOT NULL, platform TEXT NOT NULL, label TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (day, platform, label, value)
  ) WITHOUT ROWID;
  CREATE TABLE capped_labels (
    day INTEGER NOT NULL, platform TEXT NOT NULL, label TEXT NOT NULL,
    PRIMARY KEY (day, platform, label)
  ) WITHOUT ROWID;`;

export const labelTables = [
  { name: 'label_values', key: ['day', 'platform', 'label', 'value'] },
  { name: 'capped_labels', key: ['day', 'platform', 'label'] },
];

/**
 * Which values of a label are told apart: the first that were booked on a UTC day, counted from 1970. Those of earlier days are kept
 * only where there were more, since a reversal takes its charge's.
 */
export class LabelValues {
  private readonly insert: Statement<[number, string, string, string]>;
  private readonly find: Statement<[number, string, string, string], number>;
  private readonly countValues: Statement<[number, string, string], number>;
  private readonly cap: Statement<[number, string, string]>;
  private readonly isCapped: Statement<[number, string, string], number>;
  private readonly forget: Statement<[number]>;
  private day: number;
  private readonly counts = new Map<string, number>();
  private readonly remembered = new Set<string>();

  constructor(
    database: Database,
    private readonly maxValues: number,
  ) {
    const [four, three] = [
      'day = ? AND platform = ? AND label = ? AND value = ?',
      'day = ? AND platform = ? AND label = ?',
    ];
    this.insert = database.prepare('INSERT INTO label_values VALUES (?, ?, ?, ?)');
    this.find = database
      .prepare<[number, string, string, string], number>(`SELECT 1 FROM label_values WHERE ${four}`)
      .pluck();
    this.countValues = database
      .prepare<[number, string, string], number>(`SELECT count(*) FROM label_values WHERE ${three}`)
      .pluck();
    this.cap = database.prepare('INSERT OR IGNORE INTO capped_labels VALUES (?, ?, ?)');
    this.isCapped = database
      .prepare<[number, string, string], number>(`SELECT 1 FROM capped_labels WHERE ${three}`)
      .pluck();
    this.forget = database.prepare(
      `DELETE FROM label_values WHERE day < ? AND NOT EXISTS (
         SELECT 1 FROM capped_labels c
         WHERE c.day = label_values.day AND c.platform = label_values.platform AND c.label = label_values.label)`,
    );
    this.day = database.prepare<[], number | null>('SELECT max(day) FROM label_values').pluck().get() ?? -1;
  }

  /** What stands for a value that a charge booked on a day bears. Days never fall. */
  ofCharge(day: number, platform: string, label: string, value: string): string {
    this.reach(day);
    // A tab is in no name, and a value comes last.
    const key = `${platform}\t${label}\t${value}`;
    if (this.remembered.has(key)) return value;
    if (this.find.get(day, platform, label, value) === undefined) {
      const line = `${platform}\t${label}`;
      const count = this.counts.get(line) ?? this.countValues.get(day, platform, label) ?? 0;
      if (count >= this.maxValues) {
        this.cap.run(day, platform, label);
        return OTHER_LABELS;
      }
      this.insert.run(day, platform, label, value);
      this.counts.set(line, count + 1);
    }
    if (this.remembered.size >= MAX_REMEMBERED) this.remembered.clear();
    this.remembered.add(key);
    return value;
  }

  /** What stands for a value of a charge that was booked on a day, as it was counted then. */
  ofReversed(day: number, platform: string, label: string, value: string): string {
    if (this.isCapped.get(day, platform, label) === undefined) return value;
    return this.find.get(day, platform, label, value) === undefined ? OTHER_LABELS : value;
  }

  private reach(day: number): void {
    if (day <= this.day) return;
    if (this.day >= 0) this.forget.run(day);
    this.day = day;
    this.counts.clear();
    this.remembered.clear();
  }
}
