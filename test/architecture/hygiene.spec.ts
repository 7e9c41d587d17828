import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findingsIn } from './hygiene';
import { root } from './planted-tree';

/** The lock file is written by npm, binary files hold no words, and the planted tree breaks rules on purpose. */
const notRead = /^package-lock\.json$|\.(?:png|ico|woff2?|gz)$|^test\/architecture\/(?:planted\/|hygiene\.)/;

/** Every file that git knows or would add. */
const repositoryFiles = (): string[] =>
  execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
    .split('\0')
    .filter((path) => path !== '' && !notRead.test(path) && existsSync(join(root, path)));

describe('the repository', () => {
  it('holds nothing that does not belong in it', () => {
    const files = repositoryFiles();
    expect(files.length).toBeGreaterThan(50);
    const found = files.flatMap((path) =>
      findingsIn(path, readFileSync(join(root, path), 'utf8')).map(({ rule, line }) => `${path}:${line} ${rule}`),
    );
    expect(found).toEqual([]);
  });
});

describe('hygiene', () => {
  const source = 'apps/ledger/src/charge.ts';
  const spec = 'apps/ledger/src/charge.spec.ts';
  const rule = 'libs/domain/src/account/charge.ts';
  const absolute = (...parts: readonly string[]): string => ['', ...parts].join('/');

  it.each([
    [`const folder = '${absolute('home', 'somebody', 'data')}';`, source, 'names a folder of one machine'],
    [`see ${absolute('tmp', 'bench')}`, 'docs/operating.md', 'names a folder of one machine'],
    ["it.skip('charges', () => undefined);", spec, 'skips or focuses a test'],
    ["  fdescribe('charges', () => undefined);", spec, 'skips or focuses a test'],
    ['const left = Number.parseFloat(text);', rule, 'makes a float of money'],
    ['const left = Number(charge.amount);', rule, 'makes a float of money'],
    ["const { charge } = await import('@meterbook/ledger/charge');", source, 'loads an alias at run time'],
    ["new Worker(require.resolve('@meterbook/ledger/worker'));", source, 'loads an alias at run time'],
    ['// TODO: round', source, 'leaves something for later'],
  ])('finds %j in %s', (line, path, expected) => {
    expect(findingsIn(path, `first\n${line}\n`)).toEqual([{ rule: expected, line: 2 }]);
  });

  it('finds a source of more than 400 lines, but lets a spec be longer', () => {
    const lines = (count: number): string => '//\n'.repeat(count);
    expect(findingsIn(source, lines(400))).toEqual([]);
    expect(findingsIn(source, lines(401))).toEqual([{ rule: 'is longer than 400 lines', line: 401 }]);
    expect(findingsIn(spec, lines(401))).toEqual([]);
  });

  it.each([
    ["import { charge } from '@meterbook/ledger/charge';", source],
    ['const seconds = Number(minutes) * 60;', rule],
    ["const folder = join(tmpdir(), 'meterbook');", spec],
    ['GET http://127.0.0.1:3000/home/page', 'README.md'],
    ['TOKENS=/etc/meterbook/tokens.json', 'docs/operating.md'],
  ])('lets %j stand in %s', (line, path) => {
    expect(findingsIn(path, line)).toEqual([]);
  });
});
