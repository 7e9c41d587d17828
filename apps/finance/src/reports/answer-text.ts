import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import type { HttpReply } from '@meterbook/http/http-message';
import type { OpenReport } from './thread/report-request';

/** How long a report may take until its answer begins, milliseconds: its turn may come late, and large books are long. */
export const REPORT_WITHIN_MS = 120_000;

export const csvType = 'text/csv; charset=utf-8';

/** Whether a request asks for CSV; everything else is answered with JSON. */
export function wantsCsv(accept: string | undefined): boolean {
  return (accept ?? '').split(',').some((range) => range.split(';', 1)[0]?.trim().toLowerCase() === 'text/csv');
}

/** Aborted once the answer is complete, or its client has gone away. */
export function untilGone(reply: HttpReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}

/** Streams a report, a chunk when the client has taken the one before. */
export function streamed({ headers, chunks }: OpenReport, csv: boolean, reply: HttpReply): StreamableFile {
  reply.headers({ ...headers, vary: 'accept' });
  return new StreamableFile(Readable.from(chunks), { type: csv ? csvType : 'application/json; charset=utf-8' });
}
