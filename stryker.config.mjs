/** See `test/mutation/README.md`. */
export default {
  testRunner: 'specs',
  plugins: ['./test/mutation/spec-runner.mjs'],
  coverageAnalysis: 'perTest',
  incremental: true,
  incrementalFile: 'coverage/mutation/incremental.json',
  tempDirName: 'coverage/mutation/work',
  reporters: ['clear-text', 'html', 'json'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  htmlReporter: { fileName: 'coverage/mutation/report.html' },
  jsonReporter: { fileName: 'coverage/mutation/report.json' },
  concurrency: 1,
  // An endless loop is noticed too; a slow machine is not taken for one.
  timeoutMS: 30_000,
  ignorePatterns: ['dist', 'data', 'coverage', 'test/compatibility/release-*'],
};
