import type { Command } from 'commander';
import type { Clock } from '@meterbook/runtime/clock';
import type { ExitCode } from './exit-code';
import type { Terminal } from './terminal';

/** The words of a command make no sense to it. */
export class Misused extends Error {
  override readonly name = 'Misused';
}

/** What a command finds around it. */
export interface Surroundings {
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** The environment variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** From the first call on SIGINT and SIGTERM are the command's to answer: they abort what this returns. */
  readonly interrupted: () => AbortSignal;
}

/** Runs what a command does, for commander; what it resolves with becomes the exit code. */
export type Runs = <Args extends unknown[]>(
  work: (surroundings: Surroundings, ...args: Args) => Promise<ExitCode | null>,
) => (...args: Args) => Promise<void>;

/**
 * Adds a command to the program: its options, its help, and what it does. What it needs to do it is imported only then, so that the
 * help of all comes at once. It resolves with null where the process goes on by itself.
 */
export type AddCommand = (program: Command, runs: Runs) => void;

/** Examples at the end of a help text, each with what it does. */
export function examples(...lines: readonly (readonly [string, string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  return ['', 'Examples:', ...lines.map(([command, what]) => `  ${command.padEnd(width)}  # ${what}`)].join('\n');
}
