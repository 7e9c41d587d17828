const { writeFileSync } = require('node:fs');

/** Writes a run's numbers to a file, under the names that `jest --json` gives them; count-results.mjs adds them up. */
module.exports = class ResultsReporter {
  constructor(_globalConfig, { file }) {
    this.file = file;
  }

  onRunComplete(_contexts, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites }) {
    writeFileSync(this.file, JSON.stringify({ numPassedTests, numFailedTests, numRuntimeErrorTestSuites }));
  }
};
