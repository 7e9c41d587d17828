import { TOPICS, type TopicName } from '@meterbook/messages/topic-table';
import type { Backlog } from './backlog';

/** What is known of a loop wherever it runs, without starting it. */
export interface LoopDeclaration {
  /** In health checks, metrics and the log; it never changes. */
  readonly name: string;
  /** What it works off: the events of the store, or the records of a topic. */
  readonly reads: 'store' | TopicName;
  /** The thread of the standalone that runs it; `http` is the one that answers requests. */
  readonly thread: 'http' | 'charging' | 'relaying' | 'projecting' | 'webhooks';
}

/** Every loop there is. A new one is declared here and nowhere else: threads, health checks, metrics and tests go by this table. */
export const LOOPS = {
  chargeUsage: { name: 'charge-usage', reads: TOPICS.usage, thread: 'charging' },
  followTiers: { name: 'follow-tiers', reads: TOPICS.tierChanges, thread: 'charging' },
  indexDeadLetters: { name: 'index-dead-letters', reads: TOPICS.deadLetters, thread: 'http' },
  indexKeys: { name: 'index-keys', reads: 'store', thread: 'relaying' },
  relayEntries: { name: 'relay-entries', reads: 'store', thread: 'relaying' },
  promoteTiers: { name: 'promote-tiers', reads: TOPICS.entries, thread: 'relaying' },
  foldRecharges: { name: 'fold-recharges', reads: 'store', thread: 'relaying' },
  projections: { name: 'projections', reads: 'store', thread: 'projecting' },
  deliverWebhooks: { name: 'deliver-webhooks', reads: 'store', thread: 'webhooks' },
} as const satisfies Readonly<Record<string, LoopDeclaration>>;

export const loopTable: readonly LoopDeclaration[] = Object.values(LOOPS);

/** The threads beside the one that answers requests. */
export const threadsBesideHttp: readonly string[] = [...new Set(loopTable.map(({ thread }) => thread))].filter(
  (thread) => thread !== 'http',
);

/** What the backlog of a loop is counted in: events of a store that is a server cannot be counted. */
export function backlogUnit({ reads }: LoopDeclaration, folder: string | null): Backlog['unit'] {
  return reads === 'store' && folder === null ? 'milliseconds' : 'records';
}
