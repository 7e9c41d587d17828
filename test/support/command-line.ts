import { execFile } from 'node:child_process';
import { join } from 'node:path';

const entry = join(__dirname, '../../dist/apps/cli/src/main.js');
/** How long a command may take, milliseconds. */
const WITHIN_MS = 60_000;

/** What came of a command. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/**
 * The built command line, as a process with these variables and no others; rejects where it does not end in its time.
 * @param limit of a shell, such as `ulimit -f 8`, under which it runs.
 */
export function meterbook(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
  limit = 'true',
): Promise<Ended> {
  const script = ['--norc', '-c', `${limit}; exec "$0" "$@"`, process.execPath, entry, ...words];
  const options = { env: { PATH: process.env['PATH'], ...environment }, timeout: WITHIN_MS };
  return new Promise((resolve, reject) => {
    execFile('bash', script, options, (error, out, err) => {
      if (error?.killed === true) reject(new Error(`${words.join(' ')} did not end: ${out}${err}`));
      else resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}
