/**
 * Mutation testing of one folder: `npm run test:mutation -- libs/domain/src/entries`. Its specs run against every change that
 * Stryker makes in its sources; a change that no spec notices has survived. Incremental: a second run repeats only what changed.
 */
export default {
  testRunner: 'jest',
  jest: { configFile: 'test/mutation/jest.config.cjs', enableFindRelatedTests: true },
  coverageAnalysis: 'perTest',
  incremental: true,
  incrementalFile: 'coverage/mutation/incremental.json',
  tempDirName: 'coverage/mutation/work',
  reporters: ['clear-text', 'html'],
  clearTextReporter: { allowColor: false, logTests: false },
  htmlReporter: { fileName: 'coverage/mutation/report.html' },
  concurrency: 2,
  // An endless loop is noticed too; a slow machine is not taken for one.
  timeoutMS: 20_000,
  ignorePatterns: ['dist', 'data', 'test/compatibility/release-*'],
};
