import { parentPort } from 'node:worker_threads';
import { readContent, type ReadContent } from './read-content';

/** A body to read. */
export interface ReadingTask {
  readonly bytes: Uint8Array;
  readonly isYaml: boolean;
}

/** First of all the thread says that it is ready. */
export type ReadingResult =
  ReadContent | { readonly kind: 'ready' } | { readonly kind: 'failed'; readonly message: string };

function result({ bytes, isYaml }: ReadingTask): ReadingResult {
  try {
    return readContent(bytes, isYaml);
  } catch (error) {
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.postMessage({ kind: 'ready' } satisfies ReadingResult);
// One task at a time, each answered before the next is sent.
parentPort?.on('message', (task: ReadingTask) => parentPort?.postMessage(result(task)));
