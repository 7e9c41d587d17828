import { formatInstant } from '@meterbook/domain/time/instant';
import { inChunks } from '../chunks';
import type { OpenReport } from '../thread/report-request';
import type { JournalQuestion } from './journal-question';
import type { JournalReport } from './journal-report';
import { journalCsv, journalHledger } from './write-journal';

/** Opens the journal as a text, whatever is said of the whole in headers. */
export async function openJournal(journals: JournalReport, question: JournalQuestion): Promise<OpenReport> {
  const journal = await journals.open(question);
  const { entries, watermark, final, damaged } = journal;
  const write = question.format === 'csv' ? journalCsv : journalHledger;
  const headers = {
    'meterbook-basis': question.basis,
    'meterbook-final': String(final),
    ...(watermark >= 0 && { 'meterbook-complete-to': formatInstant(watermark) }),
    ...(damaged > 0 && { 'meterbook-damaged-accounts': String(damaged) }),
  };
  return { headers, chunks: closed(inChunks(write(question, entries)), () => journal.close()) };
}

/** The same chunks; `close` is called at their end, also where nobody has begun to read them. */
function closed(chunks: AsyncIterable<string>, close: () => void): AsyncIterable<string> {
  return {
    [Symbol.asyncIterator]: () => {
      const rest = chunks[Symbol.asyncIterator]();
      return {
        next: async () => {
          const next = await rest.next();
          if (next.done === true) close();
          return next;
        },
        return: async () => {
          await rest.return?.();
          close();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
