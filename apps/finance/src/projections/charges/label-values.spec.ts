import { openDatabase, type Database } from '@meterbook/runtime/sqlite';
import { labelSchema, LabelValues } from './label-values';

describe('the values of a label', () => {
  let database: Database;
  beforeEach(() => {
    database = openDatabase(':memory:');
    database.exec(labelSchema);
  });
  afterEach(() => database.close());
  const opened = (): LabelValues => new LabelValues(database, 2);

  it('are told apart up to a number a day, a platform and a label, and are others beyond it', () => {
    const values = opened();
    const all = (day: number, platform: string, label: string): string[] =>
      ['a', 'b', 'a', 'c', 'b'].map((value) => values.ofCharge(day, platform, label, value));
    expect(all(1, 'shop', 'team')).toEqual(['a', 'b', 'a', '(other)', 'b']);
    expect(all(1, 'shop', 'project')).toEqual(['a', 'b', 'a', '(other)', 'b']);
    expect(all(1, 'mill', 'team')).toEqual(['a', 'b', 'a', '(other)', 'b']);
    expect(values.ofCharge(2, 'shop', 'team', 'c')).toBe('c');
  });

  it('are the same after a restart', () => {
    opened().ofCharge(1, 'shop', 'team', 'a');
    opened().ofCharge(1, 'shop', 'team', 'b');
    expect(opened().ofCharge(1, 'shop', 'team', 'c')).toBe('(other)');
    expect(opened().ofCharge(1, 'shop', 'team', 'a')).toBe('a');
  });

  it('of a reversal are those of its charge, also on a later day', () => {
    const values = opened();
    for (const value of ['a', 'b', 'c']) values.ofCharge(1, 'shop', 'team', value);
    values.ofCharge(2, 'shop', 'team', 'c');
    expect(values.ofReversed(1, 'shop', 'team', 'c')).toBe('(other)');
    expect(values.ofReversed(1, 'shop', 'team', 'a')).toBe('a');
    expect(values.ofReversed(2, 'shop', 'team', 'c')).toBe('c');
  });

  it('of days that are over are kept only where there were others', () => {
    const values = opened();
    for (const value of ['a', 'b', 'c']) values.ofCharge(1, 'shop', 'team', value);
    values.ofCharge(1, 'shop', 'project', 'x');
    values.ofCharge(2, 'shop', 'project', 'y');
    const kept = database.prepare('SELECT day, label, value FROM label_values ORDER BY day, label, value').all();
    expect(kept).toEqual([
      { day: 1, label: 'team', value: 'a' },
      { day: 1, label: 'team', value: 'b' },
      { day: 2, label: 'project', value: 'y' },
    ]);
    expect(values.ofReversed(1, 'shop', 'project', 'x')).toBe('x');
  });
});
