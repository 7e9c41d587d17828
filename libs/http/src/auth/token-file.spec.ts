import { createHash } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import { AccessTokensError } from './access-tokens';
import { TokenFile } from './token-file';

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();
const contentOf = (...tokens: string[]): string =>
  JSON.stringify(tokens.map((token) => ({ name: token, sha256: digestOf(token).toString('hex'), scopes: ['admin'] })));

describe('a file of tokens', () => {
  let directory: string;
  let path: string;
  let file: TokenFile;
  const clock = new ManualClock();
  const lines: string[] = [];
  const over = new AbortController();
  let running: Promise<void>;
  const known = (...tokens: string[]): boolean[] =>
    tokens.map((token) => file.principalOf(digestOf(token)) !== undefined);
  const write = (content: string): void => {
    writeFileSync(`${path}.new`, content);
    renameSync(`${path}.new`, path);
  };
  const until = async (holds: () => boolean): Promise<void> => {
    const real = new SystemClock();
    const end = real.now() + 20_000;
    while (!holds()) {
      if (real.now() > end) throw new Error(`not within 20 s: ${lines.join('')}`);
      await clock.advance(1_000);
      await real.sleep(1);
    }
  };

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'tokens-'));
    path = join(directory, 'tokens.json');
    write(contentOf('old'));
    file = new TokenFile(path, clock, createLog('info', { write: (line) => void lines.push(line) }));
    running = file.run(over.signal);
  });
  afterAll(async () => {
    over.abort();
    await running;
    rmSync(directory, { recursive: true });
  });

  it('is needed at the start', () => {
    const log = createLog('fatal', { write: () => undefined });
    expect(() => new TokenFile(join(directory, 'absent'), clock, log)).toThrow(AccessTokensError);
  });

  it('is read again when it changes: new tokens are known, and those that were taken out are not', async () => {
    write(contentOf('old', 'new'));
    await until(() => known('new')[0] === true);
    expect(known('old', 'new')).toEqual([true, true]);
    write(contentOf('new'));
    await until(() => known('old')[0] === false);
    expect(known('old', 'new')).toEqual([false, true]);
  });

  it.each<[string, () => void]>([
    ['that is no JSON', () => write('[')],
    ['without a token', () => write('[]')],
    ['that is gone', () => rmSync(path)],
  ])('%s changes nothing, and it says so until the file is right again', async (_name, spoil) => {
    lines.length = 0;
    spoil();
    await until(() => file.failure !== null);
    expect(known('new')).toEqual([true]);
    for (let again = 0; again < 3; again += 1) file.readAgain();
    expect(lines.filter((line) => line.includes('"level":"error"'))).toHaveLength(1);
    expect(file.failure).toContain('tokens.json');
    write(contentOf('new'));
    await until(() => file.failure === null);
    expect(lines.join('')).not.toContain(digestOf('new').toString('hex'));
  });
});
