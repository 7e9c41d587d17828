import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What a `Worker` is started with. */
export interface ThreadEntry {
  readonly file: string;
  readonly execArgv: string[];
}

/** The file that a thread starts with, given without its ending: as it was built, or else as the source, which specs run. */
export function threadEntry(path: string): ThreadEntry {
  if (existsSync(`${path}.js`)) return { file: `${path}.js`, execArgv: [] };
  return { file: `${path}.ts`, execArgv: ['-r', join(__dirname, 'testing/typescript-hook.cjs')] };
}
