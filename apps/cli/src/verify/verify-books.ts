import { VerificationInWorker } from '@meterbook/finance/verify/verification-in-worker';
import type { VerifyProgress, VerifyReport } from '@meterbook/finance/verify/verify-store';
import { existingBooks } from '../books-folder';
import type { Surroundings } from '../command';
import { exitCodes, type ExitCode } from '../exit-code';

export interface VerifyOptions {
  readonly json?: true;
}

/** Faults that are printed; the JSON has all that the report has. */
const SHOWN_FAULTS = 20;

const steps: Readonly<Record<VerifyProgress['step'], string>> = {
  bytes: 'checking every byte',
  accounts: 'folding every account',
};

/** Proves the books that the environment names. */
export async function verifyBooks({ json }: VerifyOptions, { environment, terminal }: Surroundings): Promise<ExitCode> {
  const verification = new VerificationInWorker(existingBooks(environment), ({ step, events, of }) =>
    terminal.progress(`${steps[step]}: ${events} events`, of === null || of === 0 ? null : events / of),
  );
  const report = await verification.verify();
  if (json) terminal.json(report);
  else for (const line of linesOf(report)) terminal.line(line);
  return report.ok ? exitCodes.well : exitCodes.notWell;
}

function* linesOf({ ok, streams, events, faults, foreignStreams }: VerifyReport): Iterable<string> {
  yield `${ok ? 'The books are proved' : 'The books are NOT as they were written'}: ${events} events in ${streams} streams.`;
  if (foreignStreams !== undefined) yield `${foreignStreams} streams of somebody else were passed over.`;
  for (const { stream, revision, position, detail } of faults.slice(0, SHOWN_FAULTS)) {
    const place = [stream ?? 'the store', revision === null ? '' : `revision ${revision}`].filter(
      (part) => part !== '',
    );
    yield `  ${place.join(', ')} (position ${position}): ${detail}`;
  }
  if (faults.length > SHOWN_FAULTS) yield `  and ${faults.length - SHOWN_FAULTS} more: --json has them.`;
}
