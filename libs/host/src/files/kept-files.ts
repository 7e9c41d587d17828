import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Files under `DATA_DIR`, beside those of the engines, that cannot be made again. They are small, and written once. */
export const keptFiles: readonly string[] = ['webhooks/signing.key'];

/** Copies them, with their modes, as far as they are there. */
export function copyKeptFiles(from: string, to: string): void {
  for (const name of keptFiles.filter((file) => existsSync(join(from, file)))) {
    mkdirSync(dirname(join(to, name)), { recursive: true });
    copyFileSync(join(from, name), join(to, name));
  }
}
