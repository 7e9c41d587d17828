import type { Configuration } from '@meterbook/runtime/configuration';
import { topicTable } from './topic-table';

const DAY_MS = 86_400_000;
/** What `usage.recorded` is kept for beyond the age window: a redrive, a look at what came in. */
const USAGE_MARGIN_DAYS = 7;

/** How long the records of each topic that forgets are kept at least, milliseconds. */
export function topicRetentionMs({
  USAGE_MAX_AGE_DAYS,
  ENTRIES_RETENTION_DAYS,
}: Pick<Configuration, 'USAGE_MAX_AGE_DAYS' | 'ENTRIES_RETENTION_DAYS'>): Readonly<Record<string, number>> {
  const days = { 'as-usage': USAGE_MAX_AGE_DAYS + USAGE_MARGIN_DAYS, 'as-entries': ENTRIES_RETENTION_DAYS };
  return Object.fromEntries(
    Object.entries(topicTable).flatMap(([topic, { kept }]) =>
      kept === 'for-ever' ? [] : [[topic, days[kept] * DAY_MS]],
    ),
  );
}
