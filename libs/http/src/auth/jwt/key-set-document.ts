import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Largest document of keys that is read, bytes. */
const MAX_DOCUMENT_BYTES = 256 * 1024;

/** Reads the document of keys whole. Rejects where it is away, larger than `MAX_DOCUMENT_BYTES`, or no longer wanted. */
export type ReadDocument = (signal: AbortSignal) => Promise<string>;

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const read: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > MAX_DOCUMENT_BYTES) throw new Error(`it is larger than ${MAX_DOCUMENT_BYTES} bytes`);
    read.push(chunk);
  }
  return Buffer.concat(read).toString('utf8');
}

async function download(url: string, signal: AbortSignal): Promise<string> {
  const headers = { accept: 'application/jwk-set+json, application/json' };
  // Whoever can redirect us could choose the keys.
  const answer = await fetch(url, { signal, headers, redirect: 'error' });
  if (answer.status !== 200) {
    await answer.body?.cancel();
    throw new Error(`it was answered with ${answer.status}`);
  }
  if (!answer.body) throw new Error('it was answered with nothing');
  return textOf(answer.body);
}

/** How the document at an address is read: `https:`, `http:` or `file:`. */
export function documentAt(url: string): ReadDocument {
  if (!url.startsWith('file:')) return (signal) => download(url, signal);
  const path = fileURLToPath(url);
  return (signal) => textOf(createReadStream(path, { signal }));
}
