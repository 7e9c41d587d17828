import { Command, CommanderError } from 'commander';
import { whyNotStarted } from '@meterbook/host/service/why-not-started';
import { DiskFull } from '@meterbook/runtime/disk-full';
import { Misused, type AddCommand, type Runs, type Surroundings } from './command';
import { exitCodes, type ExitCode } from './exit-code';
import { StoreAway } from './store-away';

const about = `
Every command takes its settings from the environment, as the services do (docs/operating.md): DATA_DIR says where the
books are, EVENTSTORE_URL and KAFKA_BROKERS where servers keep them.

Exit codes: 0 done, and all is well; 1 not done, and why; 2 the command line is wrong; 3 done, and what was looked at is
not well; 130 interrupted.`;

/** Runs one command line, without the program's name; resolves with the exit code, or with null where the process goes on by itself. */
export async function runCommandLine(
  words: readonly string[],
  version: string,
  commands: readonly AddCommand[],
  surroundings: Surroundings,
): Promise<ExitCode | null> {
  const { terminal } = surroundings;
  const ended: { code: ExitCode | null } = { code: exitCodes.well };
  const runs: Runs =
    (work) =>
    async (...args) => {
      ended.code = await work(surroundings, ...args);
    };
  const program = new Command('meterbook')
    .description('Meterbook: usage in, exact charges, tiers and provable books.')
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'explain the program, or a command: meterbook verify --help')
    .addHelpText('after', about)
    .configureOutput({
      writeOut: (text) => terminal.line(text.trimEnd()),
      writeErr: (text) => terminal.note(text.trimEnd()),
    })
    .showSuggestionAfterError()
    .exitOverride();
  for (const add of commands) add(program, runs);
  try {
    await program.parseAsync([...words], { from: 'user' });
    return ended.code;
  } catch (error) {
    return codeOf(error, surroundings);
  }
}

/** Says what went wrong, in a sentence where somebody can mend it. */
function codeOf(error: unknown, { terminal, environment }: Surroundings): ExitCode {
  // Commander has said it already: a help text, a version, or what is wrong with the words.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.well : exitCodes.misused;
  if (error instanceof Misused) {
    terminal.note(`error: ${error.message}`);
    return exitCodes.misused;
  }
  terminal.note(whyNotStarted(DiskFull.of(error) ?? StoreAway.of(error, environment['EVENTSTORE_URL']) ?? error));
  return exitCodes.notDone;
}
