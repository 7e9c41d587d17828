import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { deadLinks, namedPaths, npmScripts, programs, section, tableRows } from './markdown';
import { root } from './planted-tree';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const exists = (path: string): boolean =>
  existsSync(join(root, path)) && (!path.endsWith('/') || statSync(join(root, path)).isDirectory());

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> };

describe.each(documents)('%s', (path) => {
  it('links to what is there', () => {
    expect(deadLinks(path, read(path), exists)).toEqual([]);
  });

  it('names paths that are there', () => {
    expect(namedPaths(read(path)).filter((named) => !exists(named))).toEqual([]);
  });

  it('names scripts of package.json and programs that are there', () => {
    const text = read(path);
    expect(npmScripts(text).filter((script) => !(script in scripts))).toEqual([]);
    // What lies in `dist` is there once it is built.
    const sources = programs(text).map((program) => program.replace(/^dist\/(.*)\.js$/, '$1.ts'));
    expect(sources.filter((program) => !exists(program))).toEqual([]);
  });
});

describe('README.md', () => {
  const readme = read('README.md');

  it('follows one usage event through at least six places, each of them linked', () => {
    const rows = tableRows(section(readme, 'Follow one usage event'));
    expect(rows.length).toBeGreaterThanOrEqual(6);
    expect(rows.filter((cells) => !/\]\((?:apps|libs)\/[\w./-]+\)/.test(cells[1] ?? ''))).toEqual([]);
  });

  it('starts with the two commands', () => {
    expect(npmScripts(readme).slice(0, 2)).toEqual(['demo', 'test']);
    expect(readme).toMatch(/^npm ci && npm run demo\b.*\nnpm ci && npm test\b/m);
  });
});

describe('docs/decisions', () => {
  it('have a number each, as their title says it, and say context, decision and consequences', () => {
    const names = readdirSync(join(root, 'docs/decisions')).sort();
    const numbers = names.map((name) => Number(name.slice(0, 4)));
    expect(numbers).toEqual([...new Set(numbers)]);
    const titles = names.map((name) => read(`docs/decisions/${name}`).split('.')[0]);
    expect(titles).toEqual(numbers.map((number) => `# ${number}`));
    const parts = names.map((name) =>
      [...read(`docs/decisions/${name}`).matchAll(/^## (.*)$/gm)].map(([, part]) => part),
    );
    expect(parts).toEqual(names.map(() => ['Context', 'Decision', 'Consequences']));
  });
});

describe('the reading of Markdown', () => {
  it('finds dead links and leaves those to the web and to headings alone', () => {
    const text =
      '[a](README.md) [b](gone.md#part) [c](#here) [d](https://example.org/x) [e](../libs/) [f](../libs/x.ts)';
    const there = (path: string): boolean => ['docs/README.md', 'libs/'].includes(path);
    expect(deadLinks('docs/a.md', text, there)).toEqual(['gone.md', '../libs/x.ts']);
  });

  it('finds the paths that it names, but not the routes and patterns', () => {
    const text =
      'In `libs/domain/src/amount` and `test/golden`; not `/v1/usage`, `accounts/{a}`, `libs/*/src` or `*-contract.ts`.';
    expect(namedPaths(text)).toEqual(['libs/domain/src/amount', 'test/golden']);
  });

  it('finds the scripts and programs that a reader is told to run', () => {
    const text =
      '`npm ci && npm test`, `npm run demo`, `npm run test:unit`, npm start; `node dist/a/main.js` and `.ci/run`';
    expect(npmScripts(text)).toEqual(['test', 'demo', 'test:unit', 'start']);
    expect(programs(text)).toEqual(['dist/a/main.js', '.ci/run']);
  });

  it('finds the rows of a table under its heading', () => {
    const text =
      '# A\n\n| x |\n|---|\n\n## B\n\n| hop | where |\n|---|---|\n| 1 | a |\n| 2 | b |\n\n### C\n\n# D\n\n| 3 | d |\n';
    expect(tableRows(section(text, 'B'))).toEqual([
      ['1', 'a'],
      ['2', 'b'],
    ]);
    expect(section(text, 'E')).toBe('');
  });
});
