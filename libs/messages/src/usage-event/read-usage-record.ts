import type { Usage } from '@meterbook/domain/usage/usage';
import { toUsage } from './to-usage';
import { faultsBySchema, isUsageEvent } from './usage-schema';
import { accountId, platformId, type ValueCheck, isPlainObject } from '../reading/value-check';

/** Faults that the detail of a malformed record names. */
const MAX_NAMED_FAULTS = 3;
/** Longest detail, in characters. */
const MAX_DETAIL_LENGTH = 500;

/** What a record of the topic `usage.recorded` holds. */
export type UsageRecord =
  | { readonly kind: 'usage'; readonly platform: string; readonly account: string; readonly usage: Usage }
  | { readonly kind: 'malformed'; readonly detail: string; readonly platform?: string; readonly account?: string };

const taken = (value: unknown, check: ValueCheck): string | undefined =>
  typeof value === 'string' && check(value) === undefined ? value : undefined;

function malformed(event: unknown): UsageRecord {
  const faults = faultsBySchema(event);
  const named = faults
    .slice(0, MAX_NAMED_FAULTS)
    .map(({ pointer, detail }) => `${pointer === '' ? 'the event' : pointer} ${detail}`);
  const more = faults.length > MAX_NAMED_FAULTS ? `; and ${faults.length - MAX_NAMED_FAULTS} more` : '';
  const detail = `${named.join('; ')}${more}`.slice(0, MAX_DETAIL_LENGTH);
  const { platform, subject }: Readonly<Record<string, unknown>> = isPlainObject(event) ? event : {};
  const [platformTaken, accountTaken] = [taken(platform, platformId), taken(subject, accountId)];
  return {
    kind: 'malformed',
    detail,
    ...(platformTaken === undefined ? {} : { platform: platformTaken }),
    ...(accountTaken === undefined ? {} : { account: accountTaken }),
  };
}

/** Reads the value of a record. It never throws: whatever is not a usage event is malformed, and says why. */
export function readUsageRecord(text: string): UsageRecord {
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch {
    return { kind: 'malformed', detail: 'the record is not JSON' };
  }
  if (!isUsageEvent(event)) return malformed(event);
  return { kind: 'usage', platform: event.platform, account: event.subject, usage: toUsage(event) };
}
