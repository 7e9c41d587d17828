/** `npm run test:mutation -- FOLDER`: mutation testing of the sources of one folder, by its settings in `stryker.config.mjs`. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const folder = process.argv[2]?.replace(/\/$/, '');
if (folder === undefined || !existsSync(folder)) {
  console.error('Say which folder: npm run test:mutation -- libs/domain/src/entries');
  process.exit(2);
}
const mutated = `${folder}/**/*.ts,!${folder}/**/*.spec.ts,!${folder}/**/testing/**`;
const { status } = spawnSync('npx', ['stryker', 'run', '--mutate', mutated, ...process.argv.slice(3)], {
  stdio: 'inherit',
  env: { ...process.env, MUTATED_FOLDER: folder },
});
process.exit(status ?? 1);
