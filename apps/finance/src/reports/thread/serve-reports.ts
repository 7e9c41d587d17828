import type { FromReportThread, ToReportThread } from './report-messages';
import { toFailure } from './report-failure';
import type { OpenReport, ReportOpener } from './report-request';

/** The end of a channel between two threads. */
export interface Port {
  readonly tell: (message: ToReportThread | FromReportThread) => void;
  readonly listen: (listener: (message: unknown) => void) => void;
}

/** Answers for the reports asked for over a port, in the thread that makes them, until nobody asks any more. */
export function serveReports(port: Port, open: ReportOpener): void {
  const reports = new Map<number, { cancelled: boolean; chunks?: AsyncIterator<string> }>();
  const tell: (message: FromReportThread) => void = port.tell;

  const drop = async (id: number): Promise<void> => {
    const report = reports.get(id);
    reports.delete(id);
    if (report) report.cancelled = true;
    await report?.chunks?.return?.();
  };
  const begin = async (id: number, opened: OpenReport | undefined): Promise<void> => {
    const report = reports.get(id);
    const chunks = opened?.chunks[Symbol.asyncIterator]();
    if (!report) await chunks?.return?.();
    else if (!opened || !chunks) {
      reports.delete(id);
      tell({ kind: 'unknown', id });
    } else {
      report.chunks = chunks;
      tell({ kind: 'opened', id, headers: opened.headers });
    }
  };
  const goOn = async (id: number): Promise<void> => {
    const report = reports.get(id);
    const next = await report?.chunks?.next();
    if (!report || report.cancelled || !next) return;
    if (next.done === true) {
      await drop(id);
      tell({ kind: 'end', id });
    } else tell({ kind: 'chunk', id, text: next.value });
  };
  const answer = async (message: ToReportThread): Promise<void> => {
    const { id } = message;
    switch (message.kind) {
      case 'open':
        reports.set(id, { cancelled: false });
        return begin(id, await open(message.request));
      case 'next':
        return goOn(id);
      case 'cancel':
        return drop(id);
    }
  };

  port.listen((told) => {
    const message = told as ToReportThread;
    answer(message).catch((error: unknown) => {
      void drop(message.id).catch(() => undefined);
      tell({ kind: 'failed', id: message.id, failure: toFailure(error) });
    });
  });
}
