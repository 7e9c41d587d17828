import type { BatchHandler, Topics } from '@meterbook/topics/topics';
import type { DeadLetterIndex } from './dead-letter-index';
import { TOPICS } from '@meterbook/messages/topic-table';

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

  readonly handle: BatchHandler = async (batch): Promise<void> => {
    this.index.take(batch);
  };
}
