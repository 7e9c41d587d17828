import { storeExtent } from '@meterbook/event-store/embedded/store-extent';
import { folders } from '@meterbook/host/engines/folders';
import { FolderTaken, whileOwning } from '@meterbook/host/loops/while-owning';
import { unlessInterrupted } from '../backup/copied';
import { NoBooks } from '../books-folder';
import type { Surroundings } from '../command';
import { exitCodes, type ExitCode } from '../exit-code';
import type { Terminal } from '../terminal';
import { copyBetween, type CopyReport } from './copy-between';
import { CopyRefused, listed } from './copy-refused';
import { deploymentNamed, refuseDerivedFiles, refuseOneStore, type Deployment } from './deployment';

export interface CopyOptions {
  readonly from: string;
  readonly to: string;
  readonly json?: true;
}

/** Copies one deployment into another. Throws `Misused`, `NoBooks` and `CopyRefused`. */
export async function copyDeployment({ from, to, json }: CopyOptions, surroundings: Surroundings): Promise<ExitCode> {
  const { terminal, interrupted } = surroundings;
  const [source, target] = [deploymentNamed('--from', from), deploymentNamed('--to', to)];
  refuseOneStore(source, target);
  const { EVENTSTORE_URL, DATA_DIR } = source.configuration;
  // To open a store that is missing would make one, and copy nothing.
  if (EVENTSTORE_URL === null && storeExtent(folders({ DATA_DIR }).store) === undefined)
    throw new NoBooks(source.store);
  refuseDerivedFiles(target);
  const asked = interrupted();
  return unlessInterrupted(async () => {
    const report = await whereNobodyWorks(source, target, () =>
      copyBetween(source, target, { ...surroundings, asked }),
    );
    return print(report, terminal, json === true);
  }, terminal);
}

/** Runs a copy while no service works in the folders of either side, as far as their locks tell. Throws `CopyRefused`. */
async function whereNobodyWorks(
  { configuration: from }: Deployment,
  { configuration: to }: Deployment,
  copy: () => Promise<CopyReport>,
): Promise<CopyReport> {
  const reports: CopyReport[] = [];
  const inTarget = whileOwning(to.DATA_DIR, async () => void reports.push(await copy()));
  const work = from.EVENTSTORE_URL === null ? whileOwning(folders(from).finance, inTarget) : inTarget;
  try {
    await work(new AbortController().signal);
  } catch (error) {
    if (!(error instanceof FolderTaken)) throw error;
    throw new CopyRefused(`Nothing can be copied while ${error.message}.`, 'Stop the services of both sides.');
  }
  const [report] = reports;
  if (!report) throw new Error('a copy ended without a word');
  return report;
}

function print(report: CopyReport, terminal: Terminal, json: boolean): ExitCode {
  const isWell = report.differences.length === 0 && report.proved.ok;
  if (json) terminal.json({ ok: isWell, ...report });
  else for (const line of linesOf(report)) terminal.line(line);
  return isWell ? exitCodes.well : exitCodes.notWell;
}

function* linesOf({
  from,
  to,
  streams,
  events,
  added,
  deadLetters,
  sha256,
  differences,
  proved,
}: CopyReport): Iterable<string> {
  yield `Copied ${from} to ${to}: ${added} events were added.`;
  yield `Both hold ${events} events in ${streams} streams, SHA-256 ${sha256}.`;
  yield deadLetters === null ? 'The topics are the same.' : `${deadLetters} records of dead letters were copied.`;
  if (differences.length > 0) yield `They are NOT the same: ${listed(differences)}.`;
  yield proved.ok
    ? 'The copy is proved.'
    : `The copy is NOT proved: ${listed(proved.faults.map(({ stream, detail }) => `${stream ?? 'the store'}: ${detail}`))}.`;
}
