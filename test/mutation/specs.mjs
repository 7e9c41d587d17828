/** Loads specs into this process, as jest would but once, and runs the tests that it is asked for. */
import { readFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import { clearTimeout } from 'node:timers';

const require = createRequire(import.meta.url);
const typescript = require('typescript');
const circus = require('jest-circus');
const { moduleNameMapper } = require('../../jest.config.cjs').projects[0];

const aliases = Object.entries(moduleNameMapper).map(([pattern, path]) => [new RegExp(pattern), path]);
const isOurs = (path) => path.startsWith(process.cwd() + sep) && !path.includes(`${sep}node_modules${sep}`);
const TEST_TIMEOUT_MS = 60_000;

/** From here on `require` takes TypeScript, and the names that the project gives to its libraries. */
function takeTypeScript() {
  const { config } = typescript.readConfigFile('tsconfig.json', (path) => readFileSync(path, 'utf8'));
  const { options } = typescript.convertCompilerOptionsFromJson(config.compilerOptions, process.cwd());
  const compiled = new Map();
  const compile = (path) => {
    const source = readFileSync(path, 'utf8');
    return typescript.transpileModule(source, { compilerOptions: { ...options, sourceMap: false }, fileName: path })
      .outputText;
  };
  Module._extensions['.ts'] = (module, path) => {
    if (!compiled.has(path)) compiled.set(path, compile(path));
    module._compile(compiled.get(path), path);
  };
  const resolve = Module._resolveFilename;
  Module._resolveFilename = (request, ...others) => {
    const [pattern, path] = aliases.find(([alias]) => alias.test(request)) ?? [];
    const meant = pattern && request.replace(pattern, path).replace('<rootDir>', process.cwd());
    return resolve(meant ?? request, ...others);
  };
}

/** Properties are asked less often and failures are not made small: what is wanted is whether, not why. */
function askLess(timesAtMost) {
  const fastCheck = createRequire(join(process.cwd(), 'package.json'))('fast-check');
  fastCheck.configureGlobal({ seed: 20_261_128, endOnFailure: true });
  const { assert } = fastCheck;
  fastCheck.assert = (property, options) => {
    const { numRuns = timesAtMost } = options ?? {};
    assert(property, { ...options, numRuns: Math.min(numRuns, timesAtMost) });
    if (numRuns > timesAtMost) heldAskedLess = true;
  };
}

/** Whether a property held in the last test that was asked less often than it wants to be. */
let heldAskedLess = false;

export function prepare() {
  takeTypeScript();
  askLess(Number(process.env.MUTATION_RUNS_OF_A_PROPERTY ?? 60));
  const { describe, it, test, beforeAll, beforeEach, afterEach, afterAll } = circus;
  const { expect } = require('expect');
  Object.assign(globalThis, { describe, it, test, beforeAll, beforeEach, afterEach, afterAll, expect });
}

/** Forgets all that was loaded of the project: what one change has left in a cache is nothing to the next. */
export function forget() {
  for (const path of Object.keys(require.cache)) if (isOurs(path)) delete require.cache[path];
  circus.resetState();
}

/** The tests of a spec, each with an id that does not depend on the others. */
export function load(path) {
  circus.describe(relative(process.cwd(), path), () => void require(path));
  const { rootDescribeBlock } = circus.getState();
  const tests = [];
  collect(rootDescribeBlock.children.at(-1), [rootDescribeBlock], [], tests);
  const seen = new Map();
  return tests.map((test) => {
    const times = (seen.get(test.name) ?? 0) + 1;
    seen.set(test.name, times);
    return { ...test, id: times === 1 ? test.name : `${test.name} (${times})` };
  });
}

function collect(block, outer, names, tests) {
  const blocks = [...outer, block];
  const path = [...names, block.name];
  for (const child of block.children) {
    if (child.type === 'describeBlock') collect(child, blocks, path, tests);
    else
      tests.push({
        name: [...path, child.name].join(' '),
        file: path[0],
        fn: child.fn,
        timeout: child.timeout,
        blocks,
      });
  }
}

async function inTime(fn, timeoutMs, context) {
  const result = fn.call(context);
  if (typeof result?.then !== 'function') return;
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(
      () => reject(Object.assign(new Error('The test takes too long'), { isTimeout: true })),
      timeoutMs,
    );
  });
  await Promise.race([result, late]).finally(() => clearTimeout(timer));
}

/** Runs tests one after the other, each with the hooks around it; those of a whole block run once in all. */
export class TestRun {
  #open = new Set();

  /** The failure, if it fails, and whether it may have failed for having met too little. */
  async run(test) {
    heldAskedLess = false;
    const failure = await this.#failure(test);
    return { failure, metLess: heldAskedLess };
  }

  async #failure(test) {
    const hooks = (type, blocks) => blocks.flatMap((block) => block.hooks.filter((hook) => hook.type === type));
    const context = {};
    let failure;
    const attempt = async (fn, timeout) => {
      try {
        await inTime(fn, timeout ?? TEST_TIMEOUT_MS, context);
      } catch (error) {
        failure ??= error instanceof Error ? error : new Error(String(error));
      }
    };
    for (const block of test.blocks) {
      if (this.#open.has(block)) continue;
      this.#open.add(block);
      for (const { fn } of hooks('beforeAll', [block])) await attempt(fn);
    }
    for (const { fn } of hooks('beforeEach', test.blocks)) await attempt(fn);
    if (failure === undefined) await attempt(test.fn, test.timeout);
    for (const { fn } of hooks('afterEach', [...test.blocks].reverse())) await attempt(fn);
    return failure;
  }

  async end() {
    for (const block of [...this.#open].reverse())
      for (const { type, fn } of block.hooks)
        if (type === 'afterAll') await inTime(fn, TEST_TIMEOUT_MS, {}).catch(() => undefined);
  }
}
