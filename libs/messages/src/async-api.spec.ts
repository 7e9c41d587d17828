import Ajv from 'ajv';
import { asyncApi } from './async-api';
import { readDeadLetterText, toCarried, toDeadLetter, toDismissal, toResolution, type DeadLetter } from './dead-letter';
import {
  deadLetterShape,
  dismissedLetterShape,
  relayedEventShape,
  relayedHeadersShape,
  resolvedLetterShape,
} from './record-shapes';
import { toRecord } from './relayed-event';
import { TOPICS, topicTable } from './topic-table';

const ajv = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false });
ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const faultsOf = (shape: object, value: unknown): unknown => (ajv.validate(shape, value) ? [] : ajv.errors);

const stored = (data: string): Parameters<typeof toRecord>[0] => ({
  stream: 'account-apibox/acct-42',
  revision: 3,
  position: '812',
  bookedAt: 1_790_000_000_000,
  type: 'WalletRecharged',
  data,
  metadata: '{}',
  hash: 'a'.repeat(64),
});
const dead = {
  topic: 'usage.recorded',
  partition: 3,
  offset: 17,
  timestamp: 1_790_000_000_000,
  headers: {},
  key: 'apibox/acct-42',
  value: '{}',
};

describe('the document of the topics', () => {
  const { channels, operations } = asyncApi() as {
    readonly channels: Readonly<Record<string, { readonly messages: object }>>;
    readonly operations: Readonly<Record<string, { readonly channel: { readonly $ref: string } }>>;
  };

  it('has a channel for each topic of the table, and an operation for each that carries records', () => {
    expect(Object.keys(channels).sort()).toEqual(Object.keys(topicTable).sort());
    const spoken = Object.values(operations).map(({ channel }) => channel.$ref.replace('#/channels/', ''));
    const withRecords = Object.keys(channels).filter(
      (topic) => Object.keys(channels[topic]?.messages ?? {}).length > 0,
    );
    expect(spoken.sort()).toEqual(withRecords.sort());
    expect(withRecords).not.toContain(TOPICS.relayControl);
    expect(withRecords).not.toContain(TOPICS.webhooksControl);
  });

  it.each([
    ['whole', stored('{"amount":"1"}')],
    ['by its name', stored(JSON.stringify({ note: 'x'.repeat(1024 * 1024) }))],
  ])('describes an event that is relayed %s', (_how, event) => {
    const record = toRecord(event);
    expect(faultsOf(relayedEventShape, JSON.parse(record?.value ?? ''))).toEqual([]);
    expect(faultsOf(relayedHeadersShape, record?.headers)).toEqual([]);
  });

  it('describes dead letters and what became of them', () => {
    const record = { kind: 'dead', record: dead, reason: 'unknown_model', detail: 'No such model.' } as const;
    for (const [platform, account] of [
      ['apibox', 'acct-42'],
      [null, null],
    ] as const) {
      const [letter] = toDeadLetter({ ...record, platform, account });
      const read = readDeadLetterText(letter?.value ?? '') as DeadLetter;
      const dismissal = { kind: 'dismissed', id: read.id, reason: 'a test', by: 'root', at: read.acceptedAt } as const;
      expect(faultsOf(deadLetterShape, read)).toEqual([]);
      expect(faultsOf(deadLetterShape, JSON.parse(toCarried(read)[0]?.value ?? ''))).toEqual([]);
      expect(faultsOf(dismissedLetterShape, JSON.parse(toDismissal(read, dismissal).value))).toEqual([]);
    }
    expect(faultsOf(resolvedLetterShape, JSON.parse(toResolution(dead).value))).toEqual([]);
    expect(faultsOf(resolvedLetterShape, { kind: 'resolved', id: 'x', more: 1 })).not.toEqual([]);
  });
});
