/**
 * A test runner for Stryker. All changes are in the code at once and one of them is switched on, so a spec is compiled once; for
 * each change it is loaded anew in this process. The nearest and shortest tests that reach a change are asked first.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { forget, load, prepare, TestRun } from './specs.mjs';

/** A test that takes longer waits for all that do not. */
const LONG_TEST_MS = 100;
const durationsFile = 'durations.json';
const stryker = (globalThis.__stryker__ ??= {});

class SpecRunner {
  #specs = JSON.parse(process.env.MUTATION_SPECS);
  /** Spec → test → milliseconds, as it took without a change. */
  #durations;

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    process.env.NODE_ENV = 'test';
    prepare();
  }

  async dryRun() {
    const coverage = (stryker.mutantCoverage = { static: {}, perTest: {} });
    const tests = [];
    this.#durations = {};
    for (const spec of this.#specs) {
      const all = await this.#runAlone(spec);
      const kept = all.filter(({ status, metLess }) => status === 0 || !metLess);
      tests.push(...kept);
      this.#durations[spec] = Object.fromEntries(kept.map(({ id, timeSpentMs }) => [id, timeSpentMs]));
    }
    const ids = new Set(tests.map(({ id }) => id));
    // A test that wants to have met enough cannot pass where its property is asked less often.
    for (const id of Object.keys(coverage.perTest)) if (!ids.has(id)) delete coverage.perTest[id];
    writeFileSync(durationsFile, JSON.stringify(this.#durations));
    return { status: 'complete', tests, mutantCoverage: coverage };
  }

  async #runAlone(spec) {
    forget();
    const tests = load(join(process.cwd(), spec));
    const run = new TestRun();
    const results = [];
    for (const test of tests) {
      const { id, name } = test;
      stryker.currentTestId = id;
      const start = performance.now();
      const { failure, metLess } = await run.run(test);
      const timeSpentMs = Math.round(performance.now() - start);
      const told = { id, name, fileName: join(process.cwd(), spec), timeSpentMs, metLess };
      results.push({
        ...told,
        ...(failure ? { status: 1, failureMessage: failure.stack ?? failure.message } : { status: 0 }),
      });
    }
    await run.end();
    stryker.currentTestId = undefined;
    return results;
  }

  async mutantRun({ activeMutant, testFilter, mutantActivation, hitLimit, sandboxFileName }) {
    this.#durations ??= JSON.parse(readFileSync(durationsFile, 'utf8'));
    stryker.hitCount = hitLimit === undefined ? undefined : 0;
    stryker.hitLimit = hitLimit;
    const isStatic = mutantActivation === 'static';
    forget();
    const run = new TestRun();
    try {
      return await this.#firstFailure(run, new Set(testFilter), dirname(sandboxFileName), (work) => {
        stryker.activeMutant = isStatic ? activeMutant.id : undefined;
        const done = work();
        stryker.activeMutant = activeMutant.id;
        return done;
      });
    } catch (error) {
      return (
        this.#timeout() ?? { status: 'killed', killedBy: ['loading'], failureMessage: String(error), nrOfTests: 0 }
      );
    } finally {
      await run.end();
      stryker.activeMutant = undefined;
    }
  }

  /** First the short tests of all specs that reach the change, then the long ones. Of the short ones all: a cache may hide what a test reaches. */
  async #firstFailure(run, wanted, folder, loading) {
    const far = (spec) => (dirname(join(process.cwd(), spec)) === folder ? 0 : 1);
    const reaches = (spec) => wanted.size === 0 || Object.keys(this.#durations[spec]).some((id) => wanted.has(id));
    const specs = this.#specs.filter(reaches).sort((one, other) => far(one) - far(other));
    const loaded = new Map();
    let nrOfTests = 0;
    for (const isLong of [false, true]) {
      for (const spec of specs) {
        const durations = this.#durations[spec];
        const isAsked = (id) =>
          id in durations &&
          durations[id] >= LONG_TEST_MS === isLong &&
          (!isLong || wanted.size === 0 || wanted.has(id));
        if (!Object.keys(durations).some(isAsked)) continue;
        if (!loaded.has(spec))
          loaded.set(
            spec,
            loading(() => load(join(process.cwd(), spec))),
          );
        const tests = loaded.get(spec).filter(({ id }) => isAsked(id));
        const later = ({ id }) => (wanted.has(id) ? 0 : LONG_TEST_MS) + durations[id];
        for (const test of tests.sort((one, other) => later(one) - later(other))) {
          nrOfTests += 1;
          const { failure } = await run.run(test);
          const timeout = this.#timeout(failure);
          if (timeout) return timeout;
          if (failure)
            return { status: 'killed', killedBy: [test.id], failureMessage: failure.message ?? '', nrOfTests };
        }
      }
    }
    return { status: 'survived', nrOfTests };
  }

  #timeout(failure) {
    if (failure?.isTimeout) return { status: 'timeout', reason: failure.message };
    return stryker.hitCount > stryker.hitLimit ? { status: 'timeout', reason: 'It was reached too often' } : undefined;
  }
}

const create = () => new SpecRunner();
create.inject = [];
export const strykerPlugins = [{ kind: 'TestRunner', name: 'specs', factory: create }];
