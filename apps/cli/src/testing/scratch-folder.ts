import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for the files of one spec, removed after it. */
export interface ScratchFolder {
  /** The path of a file in it. */
  readonly path: (name: string) => string;
  /** Writes a file, text and bytes as they are and anything else as JSON, and says where. */
  readonly file: (name: string, content: unknown) => string;
}

export function scratchFolder(): ScratchFolder {
  const folder = mkdtempSync(join(tmpdir(), 'meterbook-cli-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const path = (name: string) => join(folder, name);
  return {
    path,
    file: (name, content) => {
      const isRaw = typeof content === 'string' || ArrayBuffer.isView(content);
      writeFileSync(path(name), isRaw ? (content as string | Uint8Array) : JSON.stringify(content));
      return path(name);
    },
  };
}
