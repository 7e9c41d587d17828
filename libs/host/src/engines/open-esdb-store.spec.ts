import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { ConfigurationError } from '@meterbook/runtime/configuration';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import type { StoreEngine } from './opened';
import { openEsdbStore } from './open-esdb-store';

describe('a store on a server that is shared', () => {
  const log = createLog('fatal', new Writable({ write: (_line, _encoding, done) => done() }));
  const opened: StoreEngine[] = [];
  let DATA_DIR: string;
  const open = (STREAM_PREFIX: string): void => {
    // Nobody listens there: what is decided is decided before anybody is asked.
    opened.push(openEsdbStore('esdb://127.0.0.1:1?tls=false', { STREAM_PREFIX, DATA_DIR }, new SystemClock(), log));
  };

  beforeEach(() => {
    DATA_DIR = mkdtempSync(join(tmpdir(), 'meterbook-prefix-'));
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(({ store }) => store.close()));
    rmSync(DATA_DIR, { recursive: true });
  });

  it.each(['', 'eu-'])('is opened again under the prefix "%s" that it was opened under', (prefix) => {
    open(prefix);
    open(prefix);
  });

  it.each([
    ['', 'eu-'],
    ['eu-', ''],
    ['eu-', 'us-'],
  ])('is refused with the prefix "%s" once changed to "%s", with what to do', (before, after) => {
    open(before);
    expect(() => open(after)).toThrow(ConfigurationError);
    expect(() => open(after)).toThrow(
      `STREAM_PREFIX is "${after}" and was "${before}" when ${join(DATA_DIR, 'stream-prefix')} was written: set it back`,
    );
    open(before);
  });
});
