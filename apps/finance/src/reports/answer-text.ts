import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import type { HttpReply } from '@meterbook/http/http-message';
import { inChunks } from './chunks';

export const csvType = 'text/csv; charset=utf-8';

/** Whether a request asks for CSV; everything else is answered with JSON. */
export function wantsCsv(accept: string | undefined): boolean {
  return (accept ?? '').split(',').some((range) => range.split(';', 1)[0]?.trim().toLowerCase() === 'text/csv');
}

/** Streams a long answer; it is closed when the client goes away. */
export function streamed(
  texts: Iterable<string> | AsyncIterable<string>,
  csv: boolean,
  reply: HttpReply,
): StreamableFile {
  reply.header('vary', 'accept');
  return new StreamableFile(Readable.from(inChunks(texts)), {
    type: csv ? csvType : 'application/json; charset=utf-8',
  });
}
