import { acceptedAtHeader, deadLetterIdHeader } from './dead-letter';
import { deadLetterPartHeader } from './dead-letter-parts';
import {
  deadLetterShape,
  dismissedLetterShape,
  relayedEventShape,
  relayedHeadersShape,
  resolvedLetterShape,
} from './record-shapes';
import { TOPICS, topicTable, type TopicName } from './topic-table';
import { publishedUsageSchema } from './usage-event/published-usage-schema';

type Shape = Readonly<Record<string, unknown>>;

interface MessageWords {
  readonly title: string;
  readonly summary: string;
  readonly payload: Shape;
  readonly headers?: Shape;
}

interface TopicWords {
  readonly description: string;
  /** What Meterbook does with it; null for a topic that carries no records. */
  readonly operation: { readonly name: string; readonly action: 'receive' | 'send'; readonly summary: string } | null;
  readonly messages: Readonly<Record<string, MessageWords>>;
}

/** The key of every record: what belongs to one account stays in order. */
const KEY = {
  type: 'string',
  description: 'Platform and account, with a slash between them.',
  examples: ['apibox/acct-42'],
};

const optionalHeaders = (headers: Readonly<Record<string, string>>): Shape => ({
  type: 'object',
  properties: Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { type: 'string', description }]),
  ),
});

const relayed = (title: string, summary: string): MessageWords => ({
  title,
  summary,
  payload: relayedEventShape,
  headers: relayedHeadersShape,
});

const topicWords: Readonly<Record<TopicName, TopicWords>> = {
  [TOPICS.usage]: {
    description: 'Usage to be charged. Services may write here instead of sending it over HTTP.',
    operation: { name: 'chargeUsage', action: 'receive', summary: 'Charges each usage once, however often it comes.' },
    messages: {
      UsageEvent: {
        title: 'A usage event',
        summary: 'A CloudEvent 1.0 in JSON, one a record.',
        payload: publishedUsageSchema(),
        headers: optionalHeaders({
          [acceptedAtHeader]: 'When it was accepted, milliseconds since 1970; absent: when the topic took it.',
          [deadLetterIdHeader]: 'The dead letter that is offered once more.',
        }),
      },
    },
  },
  [TOPICS.entries]: {
    description: 'Every event of an account after it is stored, in the order of its stream, at least once.',
    operation: { name: 'relayEntries', action: 'send', summary: 'Tells what was booked.' },
    messages: { AccountEvent: relayed('An event of an account', 'What docs/events.md lists under accounts.') },
  },
  [TOPICS.tierChanges]: {
    description: 'Every event of the tier of an account, in order, at least once.',
    operation: { name: 'relayTierChanges', action: 'send', summary: 'Tells who was promoted.' },
    messages: { TierEvent: relayed('An event of a tier', 'What docs/events.md lists under tiers.') },
  },
  [TOPICS.deadLetters]: {
    description: 'Usage that could not be charged, and what became of it.',
    operation: { name: 'fileDeadLetters', action: 'send', summary: 'Tells what could not be charged, and why.' },
    messages: {
      DeadLetter: {
        title: 'A dead letter',
        summary: 'One whose text is too large for a record comes in several, each with a part of the text.',
        payload: deadLetterShape,
        headers: optionalHeaders({
          [deadLetterPartHeader]: 'Its id, the digest of its text, which part this is, of how many.',
        }),
      },
      ResolvedLetter: { title: 'Word of a charge', summary: 'It was charged after all.', payload: resolvedLetterShape },
      DismissedLetter: { title: 'A dismissal', summary: 'It is not to be charged.', payload: dismissedLetterShape },
    },
  },
  [TOPICS.relayControl]: {
    description: 'For Meterbook alone: its one partition belongs to the process that relays. It carries no records.',
    operation: null,
    messages: {},
  },
  [TOPICS.webhooksControl]: {
    description:
      'For Meterbook alone: its one partition belongs to the process that delivers webhooks. It carries no records.',
    operation: null,
    messages: {},
  },
};

const kept = {
  'as-usage': 'Kept for as long as usage may be redriven.',
  'as-entries': 'Kept for as long as is configured for what is relayed.',
  'for-ever': 'Kept for ever.',
} as const;

const bindingVersion = '0.5.0';

function channelOf(topic: TopicName): Shape {
  const { description, messages } = topicWords[topic];
  const { partitions, kept: terms } = topicTable[topic];
  return {
    address: topic,
    description: `${description} ${kept[terms]}`,
    messages: Object.fromEntries(
      Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }]),
    ),
    bindings: { kafka: { topic, ...(partitions !== null && { partitions }), bindingVersion } },
  };
}

function messageOf({ payload, headers, ...words }: MessageWords): Shape {
  return {
    contentType: 'application/json',
    ...words,
    ...(headers && { headers }),
    payload,
    bindings: { kafka: { key: KEY, bindingVersion } },
  };
}

/** The AsyncAPI document of the topics, made of their table. */
export function asyncApi(): Shape {
  const topics = Object.keys(topicTable) as TopicName[];
  const operations = topics.flatMap((topic) => {
    const { operation, messages } = topicWords[topic];
    if (!operation) return [];
    const { name, ...words } = operation;
    const channel = `#/channels/${topic}`;
    const refs = Object.keys(messages).map((message) => ({ $ref: `${channel}/messages/${message}` }));
    return [[name, { ...words, channel: { $ref: channel }, messages: refs }] as const];
  });
  const messages = topics.flatMap((topic) => Object.entries(topicWords[topic].messages));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Meterbook',
      version: '1',
      description: 'What stands on the topics. `TOPIC_PREFIX` stands before each name where it is configured.',
      license: { name: 'Apache 2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(topics.map((topic) => [topic, channelOf(topic)])),
    operations: Object.fromEntries(operations),
    components: { messages: Object.fromEntries(messages.map(([name, words]) => [name, messageOf(words)])) },
  };
}
