import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { runCommandLine } from './command-line';
import { commands } from './commands';
import { Terminal } from './terminal';

const { version } = JSON.parse(readFileSync(packageFile(), 'utf8')) as { readonly version: string };
const clock = new SystemClock();
const terminal = new Terminal(
  {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    isLive: process.stderr.isTTY,
  },
  clock,
);

function interrupted(): AbortSignal {
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());
  return interruption.signal;
}

/** A pipe takes as much as it has room for: the process ends once all of it went out, and not while its reader is busy. */
function exit(code: number): void {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}

// Whoever reads a few lines and closes the pipe, as `head` does, has what they wanted.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
}

/** The package that this file was built from, in `dist` as in the sources. */
function packageFile(): string {
  const root = join(__dirname, '../../..');
  return join(root.endsWith('dist') ? join(root, '..') : root, 'package.json');
}

runCommandLine(process.argv.slice(2), version, commands, {
  terminal,
  clock,
  environment: process.env,
  interrupted,
}).then(
  (code) => {
    if (code !== null) exit(code);
  },
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
