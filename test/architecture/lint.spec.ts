import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { node, planted, root, tool } from './planted-tree';

const settings = join(root, 'eslint.config.mjs');

/** The rule that each planted file breaks, on the lines that end with the word `caught`. */
const violations: Readonly<Record<string, string>> = {
  'apps/ledger/src/asks-for-nothing.ts': '@typescript-eslint/no-unnecessary-condition',
  'apps/ledger/src/asserts-non-null.ts': '@typescript-eslint/no-non-null-assertion',
  'apps/ledger/src/compares-loosely.ts': 'eqeqeq',
  'apps/ledger/src/decides-too-much.ts': 'complexity',
  'apps/ledger/src/forgets-an-event.ts': '@typescript-eslint/switch-exhaustiveness-check',
  'apps/ledger/src/goes-around-the-alias.ts': 'no-restricted-imports',
  'apps/ledger/src/hides-a-limit.ts': '@typescript-eslint/naming-convention',
  'apps/ledger/src/imports-a-type.ts': '@typescript-eslint/consistent-type-imports',
  'apps/ledger/src/is-no-object.ts': '@typescript-eslint/no-extraneous-class',
  'apps/ledger/src/loses-a-promise.ts': '@typescript-eslint/no-floating-promises',
  'apps/ledger/src/prints-an-object.ts': '@typescript-eslint/restrict-template-expressions',
  'apps/ledger/src/returns-nothing.ts': '@typescript-eslint/no-confusing-void-expression',
  'apps/ledger/src/silences-the-lint.ts': '@typescript-eslint/no-explicit-any',
  'apps/ledger/src/takes-any.ts': '@typescript-eslint/no-explicit-any',
  'apps/ledger/src/tells-the-time.ts': 'meterbook/time-and-chance-only-through-ports',
  'libs/domain/src/floats.ts': 'no-restricted-syntax',
  'libs/domain/src/skipped.spec.ts': 'no-restricted-syntax',
};
/** Its violation is not planted as a file but handed to the lint as text. */
const tooLong = 'max-lines';
const longestFile = 400;

interface LintedFile {
  readonly filePath: string;
  readonly messages: readonly { readonly ruleId: string | null; readonly line: number; readonly severity: number }[];
}

async function lint(args: readonly string[], input?: string): Promise<readonly LintedFile[]> {
  const printed = await node([tool('eslint/bin/eslint.js'), '--config', settings, '--format', 'json', ...args], input);
  return JSON.parse(printed) as LintedFile[];
}

const errorsOf = ({ messages }: LintedFile): string[] =>
  messages.filter(({ severity }) => severity === 2).map(({ ruleId, line }) => `${line} ${ruleId ?? 'no rule'}`);

/** `line rule` for every line of a planted file that is marked. */
function markedLines(path: string): string[] {
  const lines = readFileSync(join(planted, path), 'utf8').split('\n');
  const rule = violations[path] ?? 'a rule that lint.spec.ts does not know';
  return lines.flatMap((line, index) => (line.endsWith('// caught') ? [`${index + 1} ${rule}`] : []));
}

/** The rules that our own parts of eslint.config.mjs turn on. */
async function ownRules(): Promise<string[]> {
  const script = `
    const { default: parts } = await import(process.argv[1]);
    const own = parts.filter(({ name }) => /^meterbook\\/[a-z-]+$/.test(name)).flatMap(({ rules }) => Object.entries(rules ?? {}));
    console.log(JSON.stringify(own.filter(([, value]) => value !== 'off').map(([rule]) => rule)));`;
  return JSON.parse(await node(['--input-type=module', '--eval', script, settings])) as string[];
}

describe('lint', () => {
  let linted: ReadonlyMap<string, LintedFile>;

  beforeAll(async () => {
    const files = await lint(['.']);
    linted = new Map(files.map((file) => [file.filePath.slice(planted.length + 1), file]));
  });

  it('reads every planted file', () => {
    const sources = readdirSync(planted, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    expect([...linted.keys()].sort()).toEqual(sources.sort());
  });

  it('has a planted violation for every rule that the house turns on', async () => {
    const planted = new Set([...Object.values(violations), tooLong]);
    expect((await ownRules()).filter((rule) => !planted.has(rule))).toEqual([]);
  });

  it.each(Object.entries(violations))('catches what is planted in %s as %s and as nothing else', (path) => {
    const file = linted.get(path);
    expect(markedLines(path)).not.toEqual([]);
    expect(file && errorsOf(file)).toEqual(markedLines(path));
  });

  it('finds nothing in the other planted files', () => {
    const others = [...linted].filter(([path]) => !(path in violations));
    expect(others.flatMap(([path, file]) => errorsOf(file).map((error) => `${path} ${error}`))).toEqual([]);
  });

  it.each([
    [longestFile, []],
    [longestFile + 1, [`${longestFile + 1} ${tooLong}`]],
  ])('takes a file of %d lines as %j', async (lines, expected) => {
    const text = `${Array.from({ length: lines }, (_, line) => `export const LINE_${line} = ${line};`).join('\n')}\n`;
    const [file] = await lint(['--stdin', '--stdin-filename', 'apps/ledger/src/ledger.ts'], text);
    expect(file && errorsOf(file)).toEqual(expected);
  });
});
