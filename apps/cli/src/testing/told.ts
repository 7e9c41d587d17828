import { SystemClock } from '@meterbook/runtime/system-clock';
import type { AddCommand, Surroundings } from '../command';
import { runCommandLine } from '../command-line';
import { commands } from '../commands';
import type { ExitCode } from '../exit-code';
import { Terminal } from '../terminal';

/** What came of a command line. */
export interface Told {
  readonly code: ExitCode | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line with these environment variables and no others. */
export async function told(
  words: readonly string[],
  environment: Surroundings['environment'] = {},
  known: readonly AddCommand[] = commands,
  interruption: AbortSignal = new AbortController().signal,
): Promise<Told> {
  let [out, err] = ['', ''];
  const clock = new SystemClock();
  const streams = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
    isLive: false,
  };
  const code = await runCommandLine(words, '1.2.3', known, {
    terminal: new Terminal(streams, clock),
    clock,
    environment,
    interrupted: () => interruption,
  });
  return { code, out, err };
}
