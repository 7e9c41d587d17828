import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Configuration } from '@meterbook/runtime/configuration';
import type { WhatIfTask } from './question';
import type { FromWhatIfThread, WhatIfThread } from './what-if-thread';

/** Heap of the thread, MiB: one account and some groups at a time are little, and a large account is some hundred. */
const MAX_HEAP_MIB = 768;

/** Starts the thread that makes a what-if, on the store of a configuration. It needs the built code. */
export function startWhatIfThread(configuration: Configuration, task: WhatIfTask): WhatIfThread {
  const worker = new Worker(join(__dirname, 'what-if-worker.js'), {
    workerData: { configuration, task },
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
  });
  // Its end tells whoever waits for it; what an error says goes to standard error.
  worker.on('error', (error) => console.error('The thread of a what-if failed.', error));
  return {
    listen: (listener) => void worker.on('message', (message: FromWhatIfThread) => listener(message)),
    ended: (listener) => void worker.once('exit', listener),
    end: () => void worker.terminate(),
  };
}
