/** What stands on the topics, as JSON Schemas. The specs hold them against records that the code writes. */
type Shape = Readonly<Record<string, unknown>>;

const text = (description: string, more: Shape = {}): Shape => ({ type: 'string', description, ...more });
const textOrNull = (description: string): Shape => ({ type: ['string', 'null'], description });
const constant = (value: string): Shape => ({ type: 'string', const: value });
const instant = (description: string): Shape => text(description, { format: 'date-time' });

/** An object with these members and no others; those of `may` may be absent. */
const object = (
  description: string,
  properties: Readonly<Record<string, Shape>>,
  may: readonly string[] = [],
): Shape => ({
  type: 'object',
  description,
  required: Object.keys(properties).filter((name) => !may.includes(name)),
  additionalProperties: false,
  properties,
});

const hash = text('SHA-256, hex, over the hash before and the stored bytes.', { pattern: '^[0-9a-f]{64}$' });

/** A stored event as it is relayed. */
export const relayedEventShape = object(
  'An event as the store has it. One that is too large for a record leaves `data` and `metadata` out: it is read from the store.',
  {
    stream: text('The stream it is stored in.', { examples: ['account-apibox/acct-42'] }),
    revision: { type: 'integer', minimum: 0, description: 'Its place in the stream, from 0.' },
    position: text('Its place in the whole store.'),
    bookedAt: instant('When it was stored.'),
    type: text('What happened.', { examples: ['WalletRecharged'] }),
    data: { type: 'object', description: 'What docs/events.md lists for its type.' },
    metadata: { type: 'object', description: 'Who brought it about, when it occurred, and what it belongs to.' },
    hash,
  },
  ['data', 'metadata'],
);

/** The headers of a relayed event, for whoever chooses by them. */
export const relayedHeadersShape: Shape = {
  type: 'object',
  required: ['type', 'stream', 'revision', 'position', 'bookedAt'],
  properties: {
    type: text('As in the record.'),
    stream: text('As in the record.'),
    revision: text('As in the record, as a text.'),
    position: text('As in the record.'),
    bookedAt: text('As in the record.'),
  },
};

/** Usage that could not be charged. */
export const deadLetterShape = object(
  'Usage that could not be charged, with its bytes as they came.',
  {
    kind: constant('dead-letter'),
    id: text('Topic, partition and offset of the record that first brought it.', { examples: ['usage.recorded-3-17'] }),
    reason: text('Why it could not be charged.', { examples: ['unknown_model'] }),
    detail: text('The same for people.'),
    platform: textOrNull('Its platform; null where it could not be read.'),
    account: textOrNull('Its account; null where it could not be read.'),
    acceptedAt: instant('When it was accepted.'),
    key: text('The key of its record.'),
    event: text('Its bytes.'),
    carried: { type: 'boolean', const: true, description: 'It was written again before its record was gone.' },
  },
  ['carried'],
);

/** Word that a dead letter was charged after all. */
export const resolvedLetterShape = object('A dead letter was charged after all.', {
  kind: constant('resolved'),
  id: text('The id of the dead letter.'),
});

/** Word that a dead letter is not to be charged. */
export const dismissedLetterShape = object('A dead letter was dismissed: it is not to be charged.', {
  kind: constant('dismissed'),
  id: text('The id of the dead letter.'),
  reason: text('Why.'),
  by: text('The name of the token of whoever dismissed it.'),
  at: instant('When.'),
});
