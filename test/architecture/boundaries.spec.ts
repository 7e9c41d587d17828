import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { node, root, tool } from './planted-tree';

const settings = join(root, '.dependency-cruiser.cjs');

/** The planted imports by the rule they break, as `from → to`; what lies in node_modules by the package's name. */
const violations: Readonly<Record<string, readonly string[]>> = {
  'domain-is-pure': [
    'libs/domain/src/knows-a-built-in.ts → crypto',
    'libs/domain/src/knows-a-framework.ts → @nestjs/common',
    'libs/domain/src/knows-a-library.ts → libs/runtime/src/clock.ts',
  ],
  'domain-tests-need-little': ['libs/domain/src/rates.spec.ts → @nestjs/testing'],
  'domain-helpers-need-no-node': ['libs/domain/src/testing/compares.ts → util'],
  'floor-of-runtime': ['libs/runtime/src/knows-a-neighbour.ts → libs/domain/src/neighbour.ts'],
  'floor-of-event-store': ['libs/event-store/src/knows-a-neighbour.ts → libs/topics/src/embedded-topics.ts'],
  'floor-of-topics': ['libs/topics/src/knows-a-neighbour.ts → libs/event-store/src/egg.ts'],
  'floor-of-messages': ['libs/messages/src/knows-a-neighbour.ts → libs/books/src/knows-the-floor-above.ts'],
  'floor-of-books': ['libs/books/src/knows-the-floor-above.ts → libs/http/src/knows-the-floor-above.ts'],
  'floor-of-http': ['libs/http/src/knows-the-floor-above.ts → libs/host/src/knows-no-floor.ts'],
  'floor-of-host': ['libs/host/src/knows-no-floor.ts → libs/stray/src/stray.ts'],
  'libs-do-not-know-apps': ['libs/runtime/src/knows-an-app.ts → apps/ledger/src/ledger.ts'],
  'apps-do-not-know-each-other': [
    'apps/finance/src/knows-standalone.ts → apps/standalone/src/standalone.ts',
    'apps/ledger/src/knows-finance.ts → apps/finance/src/finance.ts',
  ],
  'ports-do-not-know-adapters': [
    'libs/event-store/src/event-store.ts → libs/event-store/src/egg.ts',
    'libs/topics/src/topics.ts → libs/topics/src/embedded-topics.ts',
  ],
  'tests-stay-in-tests': ['apps/ledger/src/uses-a-test.ts → libs/runtime/src/testing/stopped-clock.ts'],
  'no-development-dependencies': ['apps/ledger/src/uses-a-development-tool.ts → fast-check'],
  'one-module-knows-the-driver': ['apps/ledger/src/opens-a-database.ts → better-sqlite3'],
  'no-cycles': ['libs/event-store/src/egg.ts → libs/event-store/src/hen.ts'],
  'no-unresolvable': ['apps/ledger/src/imports-nothing-there.ts → ./nowhere'],
};
const orphans = 'no-orphans';

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string; readonly severity: string };
}

const packageOf = (path: string): string => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? path;

describe('boundaries', () => {
  let found: readonly Violation[];

  beforeAll(async () => {
    const args = ['--config', settings, '--ts-config', 'tsconfig.json', '--output-type', 'json', 'apps', 'libs'];
    const report = await node([tool('dependency-cruiser/bin/dependency-cruise.mjs'), ...args]);
    found = (JSON.parse(report) as { summary: { violations: Violation[] } }).summary.violations;
  });

  it('have a planted violation for every rule', () => {
    const { forbidden } = jest.requireActual<{ forbidden: { name: string }[] }>(settings);
    expect([...Object.keys(violations), orphans].sort()).toEqual(forbidden.map(({ name }) => name).sort());
  });

  it.each(Object.entries(violations))('%s catches what is planted for it and nothing else', (name, expected) => {
    const caught = found.filter(({ rule }) => rule.name === name).map(({ from, to }) => `${from} → ${packageOf(to)}`);
    expect(caught.sort()).toEqual(expected);
  });

  it('no-orphans catches what nobody imports, but neither a main.ts nor a spec', () => {
    const caught = found.filter(({ rule }) => rule.name === orphans).map(({ from }) => from);
    expect(caught).toContain('libs/runtime/src/orphan.ts');
    expect(caught.filter((path) => /main\.ts$|\.spec\.ts$|\/clock\.ts$/.test(path))).toEqual([]);
  });

  it('give every library a floor', () => {
    const libraries = readdirSync(join(root, 'libs')).filter((name) => name !== 'domain');
    const floors = Object.keys(violations).filter((name) => name.startsWith('floor-of-'));
    expect(floors.sort()).toEqual(libraries.map((name) => `floor-of-${name}`).sort());
  });

  it('let the standalone host and the command line know every service', () => {
    const hosts = ['apps/standalone/src/standalone.ts', 'apps/cli/src/knows-standalone.ts'];
    expect(found.filter(({ from, rule }) => hosts.includes(from) && rule.name !== orphans)).toEqual([]);
  });

  it('are errors, every one', () => {
    expect(found.filter(({ rule }) => rule.severity !== 'error')).toEqual([]);
  });
});
