import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { tombstoneType } from '@meterbook/event-store/esdb/recorded-event';
import type { WireLog, WireRecord } from '@meterbook/event-store/esdb/testing/wire-log';

const metadataType = '$metadata';
const metadataMark = '$$';

/** A record as a line of the file. */
interface Line {
  readonly stream: string;
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: string;
  readonly metadata: string;
  readonly created: string;
}

/** Fills a log from a file, and writes there what is written to the log from now on, before anybody is answered. */
export function keepLog(log: WireLog, file: string): void {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  for (const line of text.split('\n').filter((one) => one !== '')) repeat(log, JSON.parse(line) as Line);
  let kept = log.records.length;
  log.onWrite(() => {
    appendFileSync(file, log.records.slice(kept).map(lineOf).join(''));
    kept = log.records.length;
  });
}

function repeat(log: WireLog, { stream, id, type, contentType, data, metadata, created }: Line): void {
  const proposed = {
    id,
    type,
    contentType,
    data: Buffer.from(data, 'base64'),
    metadata: Buffer.from(metadata, 'base64'),
  };
  if (type === tombstoneType) log.tombstone(stream);
  else if (type === metadataType)
    log.setMetadata(
      stream.slice(metadataMark.length),
      JSON.parse(proposed.data.toString()) as Readonly<Record<string, unknown>>,
    );
  else log.write(stream, [proposed]);
  const written = log.records.at(-1);
  if (written && type !== tombstoneType) log.tamper(written, { created: BigInt(created) });
}

function lineOf({ stream, id, type, contentType, data, metadata, created }: WireRecord): string {
  const line: Line = {
    stream,
    id,
    type,
    contentType,
    data: Buffer.from(data).toString('base64'),
    metadata: Buffer.from(metadata).toString('base64'),
    created: String(created),
  };
  return `${JSON.stringify(line)}\n`;
}
