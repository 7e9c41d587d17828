import { sha256Of } from '../file/rulebook-sha256';
import type { Surroundings } from '../../command';
import { exitCodes, type ExitCode } from '../../exit-code';
import { faultText, readRulebookFile, rulebookFile } from '../file/rulebook-file';

export interface ValidateOptions {
  readonly json?: true;
}

/** Tells whether a rulebook's file could be published, and every fault with its line. */
export async function validateFile(
  path: string,
  { json }: ValidateOptions,
  { terminal }: Surroundings,
): Promise<ExitCode> {
  const file = rulebookFile(path);
  const read = readRulebookFile(file);
  if (read.kind === 'invalid') {
    const { faults, more } = read;
    if (json) terminal.json({ valid: false, errors: faults, more });
    else {
      for (const fault of faults) terminal.line(`${path}: ${faultText(fault)}`);
      if (more > 0) terminal.line(`and ${more} more.`);
      terminal.line(`${path} has ${faults.length + more} fault${faults.length + more === 1 ? '' : 's'}.`);
    }
    return exitCodes.notWell;
  }
  const { platform, currency, models } = read.rulebook;
  const sha256 = sha256Of(file.content);
  if (json) terminal.json({ valid: true, platform, currency, models: models.length, sha256, errors: [], more: 0 });
  else
    terminal.line(`${path} is valid: platform ${platform}, ${currency}, ${models.length} models, SHA-256 ${sha256}.`);
  return exitCodes.well;
}
