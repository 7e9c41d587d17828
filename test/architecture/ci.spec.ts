import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { root } from './planted-tree';

interface Ended {
  readonly code: number | null;
  readonly lastLine: string;
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meterbook-ci-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function run(command: string, args: readonly string[], cwd: string, environment: NodeJS.ProcessEnv = {}): Ended {
  const { status, stdout } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...environment },
    encoding: 'utf8',
  });
  return { code: status, lastLine: stdout.trimEnd().split('\n').at(-1) ?? '' };
}

describe('the count of a run', () => {
  const counted = (exitCode: number, ...results: readonly string[]): Ended => {
    const files = results.map((text, index) => {
      const file = join(folder, `${index}.json`);
      writeFileSync(file, text);
      return file;
    });
    return run(process.execPath, [join(root, '.ci/count-results.mjs'), String(exitCode), ...files], folder);
  };
  const results = (numPassedTests: number, numFailedTests: number, numRuntimeErrorTestSuites = 0): string =>
    JSON.stringify({ success: true, numPassedTests, numFailedTests, numRuntimeErrorTestSuites, testResults: [] });

  it('adds up what jest wrote', () => {
    expect(counted(0, results(40, 0), results(2, 0))).toEqual({ code: 0, lastLine: '42 passed, 0 failed' });
    expect(counted(1, results(40, 1), results(2, 3))).toEqual({ code: 1, lastLine: '42 passed, 4 failed' });
  });

  it('counts a suite that could not run as a failed test', () => {
    expect(counted(1, results(40, 1, 2))).toEqual({ code: 1, lastLine: '40 passed, 3 failed' });
  });

  it.each([
    ['a step failed after the tests', 3, [results(40, 0)], '40 passed, 1 failed'],
    ['tests failed although the step did not', 0, [results(40, 2)], '40 passed, 2 failed'],
    ['nothing passed', 0, [results(0, 0)], '0 passed, 1 failed'],
    ['jest wrote nothing', 0, [''], '0 passed, 1 failed'],
    ['jest wrote something else', 0, [results(1, 0), '{}'], '1 passed, 1 failed'],
    ['there is no file', 0, [], '0 passed, 1 failed'],
  ])('is never a success when %s', (_when, exitCode, files, lastLine) => {
    expect(counted(exitCode, ...files)).toEqual({ code: 1, lastLine });
  });
});

describe('.ci/run', () => {
  /** A repository with the real .ci and README, and an `npm` that does what the shell lines say, by its arguments. */
  function repository(npm: string): NodeJS.ProcessEnv {
    const checkout = join(folder, 'checkout');
    const tools = join(folder, 'tools');
    mkdirSync(checkout);
    mkdirSync(tools);
    cpSync(join(root, '.ci'), join(checkout, '.ci'), { recursive: true });
    cpSync(join(root, 'README.md'), join(checkout, 'README.md'));
    mkdirSync(join(checkout, 'docker'));
    writeFileSync(join(checkout, 'docker/check.sh'), `#!/bin/sh\necho docker >>"${folder}/calls"\n`);
    chmodSync(join(checkout, 'docker/check.sh'), 0o755);
    for (const tool of ['promtool', 'apt-get']) {
      writeFileSync(join(tools, tool), '#!/bin/sh\n');
      chmodSync(join(tools, tool), 0o755);
    }
    writeFileSync(join(tools, 'npm'), `#!/bin/sh\necho "$*" >>"${folder}/calls"\ncase "$*" in\n${npm}\nesac\n`);
    chmodSync(join(tools, 'npm'), 0o755);
    const git = (...args: readonly string[]): unknown => execFileSync('git', args, { cwd: checkout, stdio: 'ignore' });
    git('init');
    git('add', '.');
    git('-c', 'user.name=ci', '-c', 'user.email=ci@example.org', 'commit', '-m', 'all');
    return { PATH: `${tools}${delimiter}${process.env['PATH'] ?? ''}` };
  }
  const passing = (what: string, count: number): string =>
    `"${what}") echo '{"numPassedTests":${count},"numFailedTests":0,"numRuntimeErrorTestSuites":0}' >"$TEST_RESULTS_FILE" ;;`;
  /** Node 24 is installed into the folder that comes after `--prefix`. */
  const install = [
    '"install "*) mkdir -p "$6/node_modules/node/bin"',
    'printf \'#!/bin/sh\\necho v24.1.0\\n\' >"$6/node_modules/node/bin/node"',
    'chmod +x "$6/node_modules/node/bin/node" ;;',
  ].join('\n');
  const steps = {
    tests: passing('test', 7),
    engines: passing('run --silent test:engines', 3),
    install,
    another: passing('run --silent test:another-node', 4),
    budget: passing('run --silent test:budget', 2),
  };
  /** Runs it with some of the steps as told. */
  const ciRun = (told: Partial<typeof steps> & { readonly more?: string } = {}): Ended => {
    const environment = repository(Object.values({ ...steps, ...told }).join('\n'));
    return run(join(folder, 'checkout/.ci/run'), [], tmpdir(), environment);
  };
  const calls = (): string[] => readFileSync(join(folder, 'calls'), 'utf8').trimEnd().split('\n');
  const everyStep = [
    'ci',
    'test',
    'run --silent lint',
    'run --silent test:engines',
    expect.stringMatching(/^install .*--prefix \S+ node@24$/),
    'ci --ignore-scripts',
    'run --silent test:another-node',
    'run --silent test:budget',
    'docker',
  ];

  it('installs, tests as the README says, lints, and tests on real engines, from any folder', () => {
    expect(ciRun()).toEqual({ code: 0, lastLine: '16 passed, 0 failed' });
    expect(calls()).toEqual(everyStep);
  });

  it.each<[string, Parameters<typeof ciRun>[0], string]>([
    ['the tests', { tests: 'test) exit 1 ;;' }, '9 passed, 1 failed'],
    [
      'the tests, after they wrote their numbers',
      { tests: steps.tests.replace(';;', '; exit 1 ;;') },
      '16 passed, 1 failed',
    ],
    ['the lint', { more: '*lint) exit 2 ;;' }, '16 passed, 1 failed'],
    ['the engines', { engines: '*engines) exit 1 ;;' }, '13 passed, 1 failed'],
    ['the tests on another Node', { another: '*another-node) exit 1 ;;' }, '12 passed, 1 failed'],
    ['the budget', { budget: '*budget) exit 1 ;;' }, '14 passed, 1 failed'],
    ['the lint and the budget', { budget: '*budget) exit 1 ;;', more: '*lint) exit 2 ;;' }, '14 passed, 1 failed'],
  ])('says so when this fails, and goes on with the rest: %s', (_step, told, lastLine) => {
    expect(ciRun(told)).toEqual({ code: 1, lastLine });
    expect(calls()).toEqual(everyStep);
  });

  it.each<[string, Parameters<typeof ciRun>[0], string]>([
    ['the install', { more: 'ci) exit 1 ;;' }, '9 passed, 1 failed'],
    ['another Node that cannot be had', { install: '"install "*) exit 1 ;;' }, '12 passed, 1 failed'],
  ])('says so when this fails: %s', (_step, told, lastLine) => {
    expect(ciRun(told)).toEqual({ code: 1, lastLine });
  });

  it('fails when the run leaves something behind', () => {
    const engines = steps.engines.replace(';;', '; touch left-behind ;;');
    expect(ciRun({ engines })).toEqual({ code: 1, lastLine: '16 passed, 1 failed' });
  });

  it('runs all of `npm run check`', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: { check: string } };
    expect(scripts.check).toBe('npm run --silent lint && npm test');
  });
});
