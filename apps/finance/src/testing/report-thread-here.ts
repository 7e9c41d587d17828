import { MessageChannel } from 'node:worker_threads';
import { serveReportsFrom } from '../reports/thread/reports-from-store';
import type { ReportThread } from '../reports/thread/reports';
import type { Books } from './books';

/** What a thread of the reports does, over the same messages, in this thread: one of its own needs the built code. */
export function reportThreadHere({ store, financeDirectory, clock }: Books): ReportThread {
  const { port1, port2 } = new MessageChannel();
  const served = {
    tell: (message: unknown) => port2.postMessage(message),
    listen: (listener: (message: unknown) => void) => void port2.on('message', listener),
  };
  const letGo = serveReportsFrom(served, store, financeDirectory, clock);
  return {
    tell: (message) => port1.postMessage(message),
    listen: (listener) => void port1.on('message', listener),
    ended: (listener) => void port1.once('close', listener),
    end: () => {
      port1.close();
      letGo();
    },
  };
}
