import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';
import { timeAndChance } from './test/architecture/lint/time-and-chance.mjs';

const money = '/(amount|price|credit|cost|coefficient|decimal|wallet|receivable|balance|money|fee|rate|multiplier)/i';
const moneyIsNoFloat = 'Money is never a JS number: use libs/domain/src/amount.';
const everyTestRuns = 'Every test runs: none is skipped, focused or left for later.';

export default tseslint.config(
  { ignores: ['node_modules/', 'dist/', 'data/', 'coverage/', 'test/architecture/planted/'] },
  { linterOptions: { noInlineConfig: true } },
  eslint.configs.recommended,
  {
    name: 'meterbook/sources',
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { allowDefaultCaseForExhaustiveSwitch: false }],
      // Nest modules are classes with nothing but a decorator.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // A port is asynchronous even where its embedded adapter is not, and a throw in it has to become a rejection.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // `Position | 'start'` says what the word stands for, although every position is a string.
      '@typescript-eslint/no-redundant-type-constituents': 'off',
      // The type parameter of a decoder names what was stored.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // Options of libraries are written as literals.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      eqeqeq: 'error',
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['**/libs/**', '**/apps/**'], message: 'Cross a library or an app by its alias.' }] },
      ],
      complexity: ['error', 15],
      'max-lines': ['error', 400],
    },
  },
  ...timeAndChance,
  {
    name: 'meterbook/domain',
    files: ['libs/domain/src/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: '[callee.name="parseFloat"], [callee.property.name="parseFloat"]', message: moneyIsNoFloat },
        { selector: `[callee.name=/^(Number|parseInt)$/] Identifier[name=${money}]`, message: moneyIsNoFloat },
        { selector: `UnaryExpression[operator="+"] Identifier[name=${money}]`, message: moneyIsNoFloat },
      ],
    },
  },
  {
    name: 'meterbook/limits',
    files: ['apps/*/src/**/*.ts', 'libs/*/src/**/*.ts'],
    ignores: ['**/*.spec.ts', '**/*-contract.ts', '**/testing/**', '**/demo/**'],
    rules: {
      // A number that a module fixes is a limit or a size: it is seen where it is used.
      '@typescript-eslint/naming-convention': [
        'error',
        { selector: 'variable', modifiers: ['const', 'global'], types: ['number'], format: ['UPPER_CASE'] },
      ],
    },
  },
  {
    name: 'meterbook/specs',
    files: ['**/*.spec.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'MemberExpression[object.name=/^(it|test|describe)$/][property.name=/^(skip|only|todo|failing)$/]',
          message: everyTestRuns,
        },
        { selector: 'CallExpression[callee.name=/^(xit|xtest|xdescribe|fit|fdescribe)$/]', message: everyTestRuns },
      ],
      complexity: 'off',
      'max-lines': 'off',
    },
  },
  {
    name: 'meterbook/scripts',
    files: ['**/*.{js,cjs,mjs}'],
    languageOptions: {
      globals: {
        console: 'readonly',
        process: 'readonly',
        fetch: 'readonly',
        AbortSignal: 'readonly',
        setTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        module: 'writable',
        require: 'readonly',
        __dirname: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
      },
    },
    rules: { 'max-lines': ['error', 400] },
  },
);
