import type { AgeWindow } from '@meterbook/domain/usage/age-window';
import type { DeadLetterReason, Usage } from '@meterbook/domain/usage/usage';
import { readUsageRecord } from '@meterbook/messages/usage-event/read-usage-record';
import type { DeliveredRecord } from '@meterbook/topics/topics';
import { acceptedAtOf, type DeadRecord } from '@meterbook/messages/dead-letter';
import { accountStream } from '@meterbook/books/account-stream';
import { unratable } from '@meterbook/domain/account/charging/charge-ratable';

/** A record of `usage.recorded` that can be offered to its account. */
export interface ReceivedUsage {
  readonly kind: 'usage';
  readonly record: DeliveredRecord;
  readonly platform: string;
  readonly account: string;
  readonly stream: string;
  readonly usage: Usage;
  /** When it was accepted, milliseconds since 1970. */
  readonly acceptedAt: number;
}

/** Reads a record and holds it against the age window, as of its acceptance and never of the processor's clock. */
export function receiveUsage(record: DeliveredRecord, window: AgeWindow): ReceivedUsage | DeadRecord {
  try {
    return received(record, window);
  } catch (error) {
    // Reading is pure: whatever it throws on, it will throw on again.
    return { ...unratable(error), record, platform: null, account: null };
  }
}

function received(record: DeliveredRecord, window: AgeWindow): ReceivedUsage | DeadRecord {
  const read = readUsageRecord(record.value);
  if (read.kind === 'malformed')
    return {
      kind: 'dead',
      record,
      platform: read.platform ?? null,
      account: read.account ?? null,
      reason: 'malformed',
      detail: read.detail,
    };
  const { platform, account, usage } = read;
  const acceptedAt = acceptedAtOf(record);
  const refusal = window.refusal(usage.occurredAt, acceptedAt);
  if (refusal !== undefined) return dead(record, platform, account, refusal, detailOf(refusal, window));
  return { kind: 'usage', record, platform, account, stream: accountStream({ platform, account }), usage, acceptedAt };
}

function detailOf(refusal: 'usage_too_old' | 'usage_in_future', { days }: AgeWindow): string {
  return refusal === 'usage_too_old'
    ? `It occurred more than ${days} days before it was accepted.`
    : 'It occurred more than 5 minutes after it was accepted.';
}

export function dead(
  record: DeliveredRecord,
  platform: string,
  account: string,
  reason: DeadLetterReason,
  detail: string,
): DeadRecord {
  return { kind: 'dead', record, platform, account, reason, detail };
}
