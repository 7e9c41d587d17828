import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '@meterbook/runtime/log';
import { openDatabase } from '@meterbook/runtime/sqlite';
import { ProjectionControl } from './projection-control';

describe('the control file of the projections', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-control-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  it('of an earlier version is gone on with: it says which files are live, and tells more of a rebuild from now on', () => {
    const earlier = openDatabase(join(directory, 'control.db'));
    earlier.exec(`
      CREATE TABLE live_files (projection TEXT PRIMARY KEY, generation INTEGER NOT NULL) WITHOUT ROWID;
      CREATE TABLE rebuilds (
        number INTEGER PRIMARY KEY, rebuild_id TEXT NOT NULL UNIQUE, projection TEXT NOT NULL, state TEXT NOT NULL,
        position TEXT NOT NULL, target TEXT NOT NULL, progress REAL NOT NULL,
        identical INTEGER, rows INTEGER, checksum TEXT, difference TEXT, detail TEXT
      );
      INSERT INTO live_files VALUES ('trial-balance', 3);
      INSERT INTO rebuilds (rebuild_id, projection, state, position, target, progress)
        VALUES ('r', 'trial-balance', 'running', '4', '9', 0.5)`);
    earlier.close();
    const control = ProjectionControl.own(directory, createLog('fatal'));
    expect(control.livePath('trial-balance')).toBe(join(directory, 'trial-balance-3.db'));
    expect(control.running('trial-balance')).toMatchObject({ progress: 0.5, events: null, eventsPerSecond: null });
    const more = { position: '5', target: '9', progress: 0.6, events: 6, eventsPerSecond: 3, remainingMs: 1333 };
    control.advance({ rebuildId: 'r', ...more });
    expect(control.running('trial-balance')).toMatchObject(more);
    control.close();
  });
});
