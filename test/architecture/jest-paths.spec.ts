import { execFileSync } from 'node:child_process';
import { relative } from 'node:path';
import { root, tool } from './planted-tree';

/** The specs that jest would run, from the root of the repository. */
function listed(...args: readonly string[]): string[] {
  const text = execFileSync(process.execPath, [tool('jest/bin/jest.js'), ...args, '--listTests'], {
    cwd: root,
    encoding: 'utf8',
  });
  return text
    .split('\n')
    .filter((line) => line.startsWith(root))
    .map((line) => relative(root, line));
}

describe('jest on a path', () => {
  const one = 'libs/runtime/src/seldom.spec.ts';

  it.each([
    [['--selectProjects', 'unit', one], [one]],
    [
      ['--selectProjects', 'unit', 'golden', `./${one}`, 'libs/runtime/src/log.spec.ts'],
      ['libs/runtime/src/log.spec.ts', one],
    ],
    [[one, '--selectProjects', 'unit'], [one]],
    [[one], [one]],
    [['--selectProjects', 'golden', one], []],
  ])('runs what it names and no more: %j', (args, specs) => {
    expect(listed(...args).sort()).toEqual(specs);
  });

  it('runs a whole project where no path is named', () => {
    const golden = listed('--selectProjects', 'golden');
    expect(golden.length).toBeGreaterThan(0);
    expect(golden.filter((path) => !path.startsWith('test/golden/'))).toEqual([]);
  });
});
