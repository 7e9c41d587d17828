#!/usr/bin/env node
// `npx meterbook …` from a checkout: builds what has changed since the last build, then runs the command line.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PARENT_LOOK_EVERY_MS = 250;

const root = fileURLToPath(new URL('../..', import.meta.url));
const built = join(root, 'dist/apps/cli/src/main.js');
/** Written by this program after each of its builds; the compiler leaves its own note alone where nothing but a date has changed. */
const notes = ['dist/.meterbook-built', 'dist/.tsbuildinfo'].map((name) => join(root, name));
const sources = ['apps', 'libs', 'package.json', 'tsconfig.json', 'tsconfig.build.json'].map((name) =>
  join(root, name),
);

const timeOf = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

function newest(path) {
  const time = timeOf(path);
  if (!statSync(path).isDirectory()) return time;
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((latest, { parentPath, name }) => Math.max(latest, timeOf(join(parentPath, name))), 0);
}

const isStale = () => !existsSync(built) || Math.max(...sources.map(newest)) > Math.max(...notes.map(timeOf));

// An image holds what was built, and nothing to build it from.
if (existsSync(join(root, 'tsconfig.build.json')) && isStale()) {
  console.error('Building …');
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(1);
  writeFileSync(notes[0], '');
}

// npx puts a shell between, and hands no signal on: where it is ended, the command is to end in order and not to stay behind.
if (process.env.npm_command === 'exec') {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, PARENT_LOOK_EVERY_MS);
  watch.unref();
}
createRequire(import.meta.url)(built);
