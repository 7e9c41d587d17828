/**
 * `npm run test:mutation -- FOLDER_OR_FILE [SPECS…]`: mutation testing of these sources, by the settings in `stryker.config.mjs`.
 * SPECS are the folders or files whose specs have to notice; where none is named, those of the folder in its library or service: of `account` for `account/wallet`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const [mutated, ...named] = process.argv.slice(2).map((path) => path.replace(/\/$/, ''));
if (mutated === undefined || ![mutated, ...named].every((path) => existsSync(path))) {
  console.error('Say which folder: npm run test:mutation -- libs/domain/src/entries');
  process.exit(2);
}
const near = mutated.split('/').slice(0, 4).join('/');
const folders = named.length > 0 ? named : [near];
const specs = folders
  .flatMap((folder) =>
    statSync(folder).isFile() ? [folder] : readdirSync(folder, { recursive: true }).map((path) => join(folder, path)),
  )
  .filter((path) => path.endsWith('.spec.ts'))
  .sort();
const sources = statSync(mutated).isFile()
  ? mutated
  : `${mutated}/**/*.ts,!${mutated}/**/*.spec.ts,!${mutated}/**/testing/**`;
const { status } = spawnSync('npx', ['stryker', 'run', '--mutate', sources], {
  stdio: 'inherit',
  env: {
    ...process.env,
    MUTATION_SPECS: JSON.stringify(specs),
    NAIVE_BOOKS_STEPS: process.env.NAIVE_BOOKS_STEPS ?? '1000',
  },
});
process.exit(status ?? 1);
