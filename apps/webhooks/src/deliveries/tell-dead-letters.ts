import { accountNamed } from '@meterbook/books/account-stream';
import { readDeadLetterRecord, readDeadLetterText, type DeadLetter } from '@meterbook/messages/dead-letter';
import { GROUPS, TOPICS } from '@meterbook/messages/topic-table';
import type { Clock } from '@meterbook/runtime/clock';
import type { BatchHandler, DeliveredRecord, Topics } from '@meterbook/topics/topics';
import type { DeliveryFile } from './delivery-file';
import type { Registry } from './registry';
import { deliveryId } from './tell-event';

/** A usage event that is longer stands in the list of dead letters and not in a delivery, UTF-16 units. */
const MAX_EVENT_LENGTH = 64 * 1024;
const TYPE = 'dead_letter.opened';

export interface DeadLetterParts {
  readonly topics: Topics;
  readonly clock: Clock;
  readonly registry: Registry;
  /** Resolves when every endpoint is known that was registered up to now. */
  readonly caughtUp: (signal: AbortSignal) => Promise<void>;
  readonly queued: (endpoints: ReadonlySet<string>) => void;
}

/** Queues each dead letter for the endpoints of its platform that ask for it, once, whatever is written about it later. */
export class TellDeadLetters {
  constructor(private readonly parts: DeadLetterParts) {}

  /** The loop: consumes until aborted. */
  run(file: DeliveryFile, signal: AbortSignal): Promise<void> {
    const { since } = file.progress();
    const handle: BatchHandler = async ({ records }, owning) => {
      const letters = records.filter(({ timestamp }) => timestamp >= since).flatMap(letterIn);
      if (letters.length === 0) return;
      await this.parts.caughtUp(AbortSignal.any([signal, owning]));
      if (signal.aborted || owning.aborted) throw new Error('the endpoints are not known yet');
      this.queue(letters, file);
    };
    return this.parts.topics.consume(GROUPS.tellingDeadLetters, [TOPICS.deadLetters], handle, signal);
  }

  private queue(letters: readonly DeadLetter[], file: DeliveryFile): void {
    const endpoints = new Set<string>();
    const nowMs = this.parts.clock.now();
    file.together(() => {
      for (const letter of letters)
        for (const { key } of this.parts.registry.ofPlatform(letter.platform ?? '', TYPE)) {
          endpoints.add(key);
          file.queue(
            {
              endpoint: key,
              account: orderOf(letter),
              id: deliveryId(TYPE, letter.id),
              type: TYPE,
              body: bodyOf(letter),
            },
            nowMs,
          );
        }
    });
    this.parts.queued(endpoints);
  }
}

/** The letter that a record opens. Of one in parts the first part says all but the event, which is too large to be sent. */
function letterIn(record: DeliveredRecord): DeadLetter[] {
  const said = readDeadLetterRecord(record);
  const letter = said?.kind === 'dead-letter-part' ? (said.part === 1 ? headOf(said.text) : undefined) : said;
  return letter?.kind === 'dead-letter' && letter.carried !== true ? [letter] : [];
}

function headOf(text: string): ReturnType<typeof readDeadLetterText> {
  const at = text.indexOf(',"key":');
  return at < 0 ? undefined : readDeadLetterText(`${text.slice(0, at)},"key":"","event":""}`);
}

/** Letters of no account have an order of their own. */
function orderOf({ platform, account }: DeadLetter): string {
  return account !== null && accountNamed(`${platform ?? ''}/${account}`) ? account : '';
}

function bodyOf({ id, reason, detail, platform, account, acceptedAt, event }: DeadLetter): string {
  const data = { platform, account, id, reason, detail, at: acceptedAt, event: eventIn(event) };
  return JSON.stringify({ type: TYPE, timestamp: acceptedAt, data });
}

/** The usage event as the list of dead letters shows it: JSON where it is some, else its text; null where it is too large. */
function eventIn(text: string): unknown {
  if (text === '' || text.length > MAX_EVENT_LENGTH) return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
