const paths = {
  '^@meterbook/(domain|event-store|topics|runtime|http|messages|books|host)/(.*)$': '<rootDir>/libs/$1/src/$2',
  '^@meterbook/(usage-ingest|ledger|tier-projection|finance|webhooks|standalone)/(.*)$': '<rootDir>/apps/$1/src/$2',
};
const names = ['unit', 'architecture', 'golden', 'conformance', 'faults', 'budget', 'compatibility', 'engines'];

/** jest takes every word behind `--selectProjects` for a project: `--selectProjects unit PATH` would run all of unit. */
function pathsAmongProjects(words) {
  const first = words.indexOf('--selectProjects') + 1;
  if (first === 0) return [];
  const length = words.slice(first).findIndex((word) => word.startsWith('-'));
  return words.slice(first, length < 0 ? undefined : first + length).filter((word) => !names.includes(word));
}

const meant = pathsAmongProjects(process.argv.slice(2)).map((path) => path.replace(/^\.\//, ''));
const escaped = meant.map((path) => path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
/** What is not meant, where somebody has named what is. */
const notMeant = escaped.length === 0 ? [] : [`^(?!.*(?:${escaped.join('|')}))`];

const project = (displayName, ...testMatch) => ({
  displayName,
  testMatch: testMatch.map((pattern) => `<rootDir>/${pattern}`),
  testEnvironment: 'node',
  // Types are checked by `npm run lint`; here each file is only stripped of them (`isolatedModules` in tsconfig.json).
  transform: { '^.+\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.json', diagnostics: false }] },
  moduleNameMapper: paths,
  testPathIgnorePatterns: ['/node_modules/', ...notMeant],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/test/architecture/planted/'],
});
const resultsFile = process.env.TEST_RESULTS_FILE;

module.exports = {
  projects: [
    project('unit', 'libs/**/*.spec.ts', 'apps/**/*.spec.ts'),
    project('architecture', 'test/architecture/*.spec.ts'),
    project('golden', 'test/golden/**/*.spec.ts'),
    // These start the built services of `dist`.
    project('conformance', 'test/conformance/**/*.spec.ts'),
    project('faults', 'test/faults/**/*.spec.ts'),
    project('budget', 'test/budget/**/*.spec.ts'),
    project('compatibility', 'test/compatibility/*.spec.ts'),
    // These need the real engines; see test/engines.
    project('engines', 'test/engines/**/*.spec.ts'),
  ],
  reporters: ['default', ...(resultsFile ? [['<rootDir>/.ci/results-reporter.cjs', { file: resultsFile }]] : [])],
  testTimeout: 120_000,
  maxWorkers: 2,
};
