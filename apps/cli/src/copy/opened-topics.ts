import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { TOPICS } from '@meterbook/messages/topic-table';
import { openTopics } from '@meterbook/host/engines/engines';
import { folders } from '@meterbook/host/engines/folders';
import type { Configuration } from '@meterbook/runtime/configuration';
import { createLog } from '@meterbook/runtime/log';
import { SystemRandom } from '@meterbook/runtime/system-random';
import { FILE_ENDING, GROUPS } from '@meterbook/topics/embedded/embedded-files';
import type { Topics } from '@meterbook/topics/topics';
import { CopyInterrupted } from '../backup/copied';
import { copyDeadLetters, readTopic } from './copy-dead-letters';
import type { CopyTools } from './copy-tools';
import type { Deployment } from './deployment';
import { refuseOtherLetters, refuseUncharged, refuseUsed } from './topics-at-rest';

/** Random bytes of the name of a group: nobody else is in it, and it begins at the beginning. */
const GROUP_BYTES = 9;

/** The topics of both sides, where they are not the same. */
export class OpenedTopics {
  private readonly group = `copy-${Buffer.from(new SystemRandom().bytes(GROUP_BYTES)).toString('hex')}`;

  private constructor(
    private readonly from: Topics,
    private readonly to: Topics,
    private readonly configurations: readonly Configuration[],
    private readonly tools: CopyTools,
  ) {}

  static async open(from: Deployment, to: Deployment, tools: CopyTools): Promise<OpenedTopics> {
    const log = createLog('fatal');
    const { topics: source } = await openTopics(from.configuration, tools.clock, log);
    const { topics: target } = await openTopics(to.configuration, tools.clock, log);
    return new OpenedTopics(source, target, [from.configuration, to.configuration], tools);
  }

  /** Throws `CopyRefused` where usage waits to be charged on the one side, or the other is in use. */
  async refuseUnfit(wasRelayed: boolean): Promise<void> {
    await this.refuseUncharged(wasRelayed);
    await refuseUsed(this.to);
    await readTopic(this.to, TOPICS.deadLetters, this.reading(), async (records) => refuseOtherLetters(records));
  }

  refuseUncharged(wasRelayed: boolean): Promise<void> {
    return refuseUncharged(this.from, wasRelayed);
  }

  /** Resolves with the number of records that were read. */
  async copyDeadLetters(): Promise<number> {
    const records = await copyDeadLetters(this.from, this.to, this.reading());
    if (this.tools.asked.aborted) throw new CopyInterrupted();
    return records;
  }

  /** Lets go of both, and takes away what tells how far they were read. */
  async close(): Promise<void> {
    await this.from.close();
    await this.to.close();
    for (const configuration of this.configurations.filter(({ KAFKA_BROKERS }) => KAFKA_BROKERS.length === 0)) {
      const file = join(
        folders(configuration).topics,
        `${configuration.TOPIC_PREFIX}${GROUPS}`,
        this.group + FILE_ENDING,
      );
      for (const part of ['', '-wal', '-shm']) rmSync(file + part, { force: true });
    }
  }

  private reading(): Parameters<typeof copyDeadLetters>[2] {
    return { group: this.group, clock: this.tools.clock, asked: this.tools.asked };
  }
}
