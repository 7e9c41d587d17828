import { parentPort } from 'node:worker_threads';
import { readContent, readWithin, type ReadContent, type ReadWithin } from './read-content';

/** A body to read. */
export interface ReadingTask {
  readonly bytes: Uint8Array;
  readonly isYaml: boolean;
  /** Which member of it is the rulebook; all of it where this is left out. */
  readonly member?: string | undefined;
}

/** First of all the thread says that it is ready. */
export type ReadingResult =
  ReadContent | ReadWithin | { readonly kind: 'ready' } | { readonly kind: 'failed'; readonly message: string };

function result({ bytes, isYaml, member }: ReadingTask): ReadingResult {
  try {
    return member === undefined ? readContent(bytes, isYaml) : readWithin(bytes, isYaml, member);
  } catch (error) {
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.postMessage({ kind: 'ready' } satisfies ReadingResult);
// One task at a time, each answered before the next is sent.
parentPort?.on('message', (task: ReadingTask) => parentPort?.postMessage(result(task)));
