import { toFailure } from '../reports/thread/report-failure';
import { runWhatIf } from '../what-if/run-what-if';
import type { FromWhatIfThread, StartWhatIf } from '../what-if/what-if-thread';
import type { Books } from './books';

/** What a thread of a what-if does, in this thread: one of its own needs the built code. */
export function whatIfThreadHere({ store }: Pick<Books, 'store'>): StartWhatIf {
  return (task) => {
    let isOver = false;
    let hear: (message: FromWhatIfThread) => void = () => undefined;
    const tell = (message: FromWhatIfThread): void => {
      if (!isOver) hear(message);
    };
    const made = Promise.resolve().then(() =>
      runWhatIf(store, task, (progress) => tell({ kind: 'progress', progress })),
    );
    void made.then(
      () => tell({ kind: 'done' }),
      (error: unknown) => tell({ kind: 'failed', failure: toFailure(error) }),
    );
    return {
      listen: (listener) => {
        hear = listener;
      },
      ended: () => undefined,
      end: () => {
        isOver = true;
      },
    };
  };
}
