import tseslint from 'typescript-eslint';
import { timeAndChance } from './time-and-chance.mjs';

/** The time-and-chance rule alone: it needs no types, so the whole tree takes seconds. */
export default [
  { linterOptions: { noInlineConfig: true } },
  { files: ['**/*.ts'], languageOptions: { parser: tseslint.parser } },
  ...timeAndChance,
];
