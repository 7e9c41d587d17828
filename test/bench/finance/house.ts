import { setTimeout as sleep } from 'node:timers/promises';
import { StandaloneProcess } from '../../support/standalone-process';
import { join } from 'node:path';

const entry = join(__dirname, '../../../apps/standalone/src/main.js');
/** How often is looked whether the projections have caught up, milliseconds. */
const lookEveryMs = 250;

/** Starts the standalone over a folder, waits until its projections have caught up, and ends it when the work is done. */
export async function inHouse<T>(
  folder: string,
  work: (standalone: StandaloneProcess, caughtUpMs: number) => Promise<T>,
): Promise<T> {
  const startedMs = performance.now();
  const standalone = await StandaloneProcess.start(folder, {}, { entryFile: entry });
  try {
    await projected(standalone.url);
    return await work(standalone, performance.now() - startedMs);
  } finally {
    await standalone.stop();
  }
}

interface Indicator {
  readonly name: string;
  readonly up: boolean;
  readonly behind?: number;
}

async function projected(url: string): Promise<void> {
  for (;;) {
    const { indicators } = (await (await fetch(`${url}/health/ready`)).json()) as { indicators: Indicator[] };
    if (indicators.some(({ name, up, behind }) => name === 'projections' && up && behind === 0)) return;
    await sleep(lookEveryMs);
  }
}
