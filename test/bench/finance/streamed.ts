import { request } from 'node:http';

export interface Streamed {
  readonly lines: number;
  readonly bytes: number;
}

const LINE_BREAK = 10;

/** Reads an answer as CSV to its end, and keeps nothing of it. Rejects on another status than 200, and where it breaks off. */
export function streamed(url: string): Promise<Streamed> {
  return new Promise((resolve, reject) => {
    const sending = request(url, { agent: false, headers: { accept: 'text/csv' } }, (answer) => {
      let [lines, bytes] = [0, 0];
      if (answer.statusCode !== 200) reject(new Error(`${url} was answered with ${String(answer.statusCode)}`));
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        for (let at = chunk.indexOf(LINE_BREAK); at >= 0; at = chunk.indexOf(LINE_BREAK, at + 1)) lines += 1;
      });
      answer.once('error', reject);
      answer.once('end', () => (answer.complete ? resolve({ lines, bytes }) : reject(new Error('it broke off'))));
    });
    sending.once('error', reject);
    sending.end();
  });
}
