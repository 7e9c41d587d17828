import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { copyKeptFiles, keptFiles } from '@meterbook/host/files/kept-files';
import { CopyRefused } from './copy-refused';
import type { Deployment } from './deployment';

/** Throws `CopyRefused` where the target has another key of webhooks in its folder: it would be written over. */
export function refuseOtherKeys({ configuration: from }: Deployment, { configuration: to }: Deployment): void {
  for (const name of keptFiles) {
    const [ours, theirs] = [from, to].map(({ DATA_DIR }) => textOf(join(DATA_DIR, name)));
    if (ours !== undefined && theirs !== undefined && ours !== theirs)
      throw new CopyRefused(
        `${join(to.DATA_DIR, name)} is another key than that of --from.`,
        'Choose an empty DATA_DIR for --to. Keep the key: secrets of other webhooks derive from it.',
      );
  }
}

/** Copies what lies beside the engines and cannot be made again. */
export function copyKeys({ configuration: from }: Deployment, { configuration: to }: Deployment): void {
  if (resolve(from.DATA_DIR) !== resolve(to.DATA_DIR)) copyKeptFiles(from.DATA_DIR, to.DATA_DIR);
}

function textOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
