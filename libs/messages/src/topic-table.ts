/** The topics by what they are for. Their names are on the brokers and never change. */
export const TOPICS = {
  /** Usage as it was accepted, by account. */
  usage: 'usage.recorded',
  /** Every event of an account, as the store has it. */
  entries: 'ledger.entries',
  /** Every event of a tier stream, as the store has it. */
  tierChanges: 'tier.changes',
  /** Usage that could not be charged, and word of what was mended. */
  deadLetters: 'usage.dead-letters',
  /** Its one partition belongs to the process that relays. */
  relayControl: 'relay.control',
  /** Its one partition belongs to the process that delivers webhooks. */
  webhooksControl: 'webhooks.control',
} as const;

export type TopicName = (typeof TOPICS)[keyof typeof TOPICS];

/** The consumer groups that are there once in a deployment. Each index of dead letters has one of its own beside them. */
export const GROUPS = {
  /** Charges usage. */
  charging: 'ledger',
  /** Takes promotions into accounts. */
  followingTiers: 'ledger-tiers',
  /** Promotes accounts by their recharges. */
  promoting: 'tier-projection',
  /** Chooses who relays. */
  relaying: 'relay',
  /** Tells webhooks of dead letters. */
  tellingDeadLetters: 'webhooks',
  /** Chooses who delivers webhooks. */
  deliveringWebhooks: 'webhooks-delivery',
} as const;

export interface TopicTerms {
  /** Partitions it always has; null where that is configured. */
  readonly partitions: number | null;
  /** How long its records are kept at least: as long as usage may be redriven, as configured for what is relayed, or for ever. */
  readonly kept: 'as-usage' | 'as-entries' | 'for-ever';
}

/** What holds for each topic, on every engine. */
export const topicTable: Readonly<Record<TopicName, TopicTerms>> = {
  [TOPICS.usage]: { partitions: null, kept: 'as-usage' },
  [TOPICS.entries]: { partitions: null, kept: 'as-entries' },
  [TOPICS.tierChanges]: { partitions: null, kept: 'as-entries' },
  // A letter that waits is written again before its record is gone.
  [TOPICS.deadLetters]: { partitions: null, kept: 'as-usage' },
  [TOPICS.relayControl]: { partitions: 1, kept: 'for-ever' },
  [TOPICS.webhooksControl]: { partitions: 1, kept: 'for-ever' },
};
