// node count-results.mjs EXIT_CODE FILE…
// Prints the last line of a run, `N passed, N failed`, from the numbers jest left in the files. A suite that could not run
// counts as a failed test, and so does a run that failed elsewhere, left no numbers or passed nothing: no failure reads as a success.
import { readFileSync } from 'node:fs';

const [exitCode, ...files] = process.argv.slice(2);

function numbersOf(file) {
  try {
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(file, 'utf8'));
    const numbers = { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
    return Number.isSafeInteger(numbers.passed) && Number.isSafeInteger(numbers.failed) ? numbers : undefined;
  } catch {
    return undefined;
  }
}

let passed = 0;
let failed = 0;
for (const file of files) {
  const numbers = numbersOf(file) ?? { passed: 0, failed: 1 };
  passed += numbers.passed;
  failed += numbers.failed;
}
if (failed === 0 && (exitCode !== '0' || passed === 0)) failed = 1;

console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
