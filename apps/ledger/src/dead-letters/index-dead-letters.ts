import { othersTurn } from '@meterbook/runtime/system-turn';
import type { BatchHandler, Topics } from '@meterbook/topics/topics';
import type { DeadLetterIndex } from './dead-letter-index';
import { TOPICS } from '@meterbook/messages/topic-table';

/** Records that are taken in before others get their turn, and UTF-16 units of them; at least one, however large it is. */
const RECORDS_OF_TURN = 64;
const UNITS_OF_TURN = 256 * 1024;

/** Keeps the index of dead letters as their topic says. */
export class IndexDeadLetters {
  constructor(
    private readonly topics: Topics,
    private readonly index: DeadLetterIndex,
  ) {}

  /** The loop: consumes until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    this.index.startOverIfBehind(await this.topics.lag(this.index.group, [TOPICS.deadLetters]));
    await this.topics.consume(this.index.group, [TOPICS.deadLetters], this.handle, signal);
  }

  readonly handle: BatchHandler = async ({ records, ...place }): Promise<void> => {
    for (let from = 0; from < records.length;) {
      let to = from;
      for (let units = 0; to < records.length && to - from < RECORDS_OF_TURN && units < UNITS_OF_TURN; to += 1)
        units += records[to]?.value.length ?? 0;
      this.index.take({ ...place, records: records.slice(from, to) });
      from = to;
      await othersTurn();
    }
  };
}
