import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { toText } from '@meterbook/domain/amount/decimal';
import { canonicalJson } from '@meterbook/domain/rulebook/canonical-json';
import { instantMs } from '@meterbook/domain/time/instant';
import { readUsageRecord } from './read-usage-record';
import { toUsage, usageContent } from './to-usage';
import type { UsageEvent } from './usage-event';
import { usageExample } from './usage-example';
import { naiveFaults } from '../testing/naive-usage-check';
import { faultsBySchema, isUsageEvent } from './usage-schema';
import type { Fault } from '../reading/fault';

const example: UsageEvent = {
  ...usageExample,
  data: { ...usageExample.data, group: 'vip', authorizationId: null, fields: { priority: 'priority' } },
};

const withData = (data: object): object => ({ ...example, data: { ...example.data, ...data } });
const withUnits = (units: unknown): object => withData({ units });
const without = (object: object, key: string): object =>
  Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));

const summary = (faults: readonly Fault[]): string[] => faults.map(({ pointer, code }) => `${pointer} ${code}`).sort();

const text = fc
  .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
  .filter((value) => !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(value));
const unitName = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,12}$/).filter((name) => name !== 'seconds');
const nullable = (value: fc.Arbitrary<string>): fc.Arbitrary<string | null> => fc.option(value);

const validData = fc.record(
  {
    model: text,
    units: fc
      .tuple(
        fc.dictionary(unitName, fc.integer({ min: 0, max: 1e12 }), { maxKeys: 8 }),
        fc.option(fc.constantFrom<string | number>(0, 7, 1.5, '2.25', '0', '1000000000000')),
      )
      .map(([units, seconds]) => (seconds === null ? units : { ...units, seconds })),
    apiKeyId: nullable(text),
    group: nullable(text),
    channel: nullable(text),
    authorizationId: nullable(text),
    upstreamCost: nullable(fc.constantFrom('0', '0.0125', '7')),
    fields: fc.option(
      fc.dictionary(
        text.filter((name) => name !== '__proto__'),
        fc.oneof(text, fc.constant('')),
        { maxKeys: 6 },
      ),
    ),
    labels: fc.option(
      fc.dictionary(
        fc.stringMatching(/^[a-z][a-z0-9_]{0,31}$/),
        text.filter((value) => Buffer.byteLength(value) <= 64),
        { maxKeys: 10 },
      ),
    ),
  },
  { requiredKeys: ['model', 'units'] },
);

const validEvent = fc.record(
  {
    specversion: fc.constant('1.0'),
    type: fc.constant('usage.recorded'),
    source: text,
    id: text,
    time: fc.constantFrom('2026-11-21T10:00:00Z', '2026-11-21T18:00:00.123+08:00', '2024-02-29t23:59:59.999999z'),
    platform: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/),
    subject: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/),
    data: validData,
    datacontenttype: nullable(fc.constant('application/json')),
    dataschema: nullable(text),
    traceparent: nullable(fc.constantFrom('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'nonsense')),
    tracestate: nullable(text),
  },
  { requiredKeys: ['specversion', 'type', 'source', 'id', 'time', 'platform', 'subject', 'data'] },
);

/** Whatever JSON can say, with a liking for what nearly fits. */
const anyValue = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    null,
    '',
    ' ',
    '0',
    '-1',
    '01',
    '1e3',
    '1.50',
    -1,
    -0,
    0.5,
    1e-7,
    1e12,
    1e12 + 1,
    2 ** 60,
    1e308,
    true,
    [],
    {},
    'a\u0000',
    '\ud800',
    '\u2028',
  ),
  fc.constantFrom(
    '1.0',
    'usage.recorded',
    '2026-11-21',
    '2026-11-21T10:00:00',
    '2026-13-01T00:00:00Z',
    'APIBOX',
    'a/b',
  ),
  fc.constantFrom(
    'ü'.repeat(128),
    'ü'.repeat(129),
    'a'.repeat(256),
    'a'.repeat(257),
    'a'.repeat(1024),
    'a'.repeat(2049),
  ),
  fc.constantFrom(32, 33, 64, 65).map((n) => Object.fromEntries(Array.from({ length: n }, (_, at) => [`k${at}`, 'v']))),
  fc.constantFrom(64, 65).map((n) => Object.fromEntries(Array.from({ length: n }, (_, at) => [`k${at}`, at]))),
);
const anyKey = fc.oneof(
  fc.constantFrom(
    'specversion',
    'type',
    'source',
    'id',
    'time',
    'platform',
    'subject',
    'data',
    'dataschema',
    'traceparent',
    'tracestate',
    'datacontenttype',
  ),
  fc.constantFrom(
    'model',
    'units',
    'apiKeyId',
    'group',
    'channel',
    'authorizationId',
    'upstreamCost',
    'fields',
    'labels',
    'seconds',
    'inputTokens',
  ),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '',
    'data_base64',
    'a/b',
    'x~y',
    '0',
    'ünits',
  ),
  fc.string({ maxLength: 150 }),
);

const define = (target: object, key: string, value: unknown): object => {
  const copy = { ...target };
  Object.defineProperty(copy, key, { value, enumerable: true, configurable: true, writable: true });
  return copy;
};

type Mutation = (event: unknown) => unknown;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const at =
  (path: readonly string[], change: (object: object) => object): Mutation =>
  (event) => {
    if (!isObject(event)) return event;
    const [key, ...rest] = path;
    if (key === undefined) return change(event);
    return isObject(event[key]) ? define(event, key, at(rest, change)(event[key])) : event;
  };
const place = fc.constantFrom<string[]>([], ['data'], ['data', 'units'], ['data', 'fields'], ['data', 'labels']);
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(place, anyKey, anyValue)
      .map(([path, key, value]) => at(path, (object) => define(object, key, value))),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(place, fc.nat(15))
      .map(([path, nth]) =>
        at(path, (object) => without(object, Object.keys(object)[nth % Math.max(1, Object.keys(object).length)] ?? '')),
      ),
  },
  { weight: 1, arbitrary: anyValue.map((value) => () => value) },
);
const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('a usage event', () => {
  it('is taken as the example has it', () => {
    expect(faultsBySchema(example)).toEqual([]);
    expect(naiveFaults(example)).toEqual([]);
  });

  it('is taken by the schema and by hand alike when it is valid', () => {
    fc.assert(
      fc.property(validEvent, (event) => {
        const sent = throughJson(event);
        expect(naiveFaults(sent)).toEqual([]);
        expect(isUsageEvent(sent)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('has the same faults by the schema and by hand, whatever was done to it', () => {
    let refused = 0;
    fc.assert(
      fc.property(validEvent, fc.array(mutation, { minLength: 1, maxLength: 3 }), (event, mutations) => {
        const sent = throughJson(mutations.reduce<unknown>((changed, mutate) => mutate(changed), event));
        const faults = naiveFaults(sent);
        expect(summary(faultsBySchema(sent))).toEqual(faults);
        expect(isUsageEvent(sent)).toBe(faults.length === 0);
        if (faults.length > 0) refused += 1;
      }),
      { numRuns: 4_000 },
    );
    expect(refused).toBeGreaterThan(2_000);
  });

  it.each<[string, unknown, string[]]>([
    ['no object', 7, [' invalid_type']],
    ['null', null, [' invalid_type']],
    ['a list', [example], [' invalid_type']],
    [
      'without anything',
      {},
      [
        '/data required',
        '/id required',
        '/platform required',
        '/source required',
        '/specversion required',
        '/subject required',
        '/time required',
        '/type required',
      ],
    ],
    ['of another version', { ...example, specversion: '0.3' }, ['/specversion invalid_value']],
    ['of another type', { ...example, type: 'usage.deleted' }, ['/type invalid_value']],
    ['with a bad platform', { ...example, platform: 'ApiBox' }, ['/platform invalid_value']],
    ['with a bad account', { ...example, subject: 'a/b' }, ['/subject invalid_value']],
    ['with a source of 257 bytes', { ...example, source: 'a'.repeat(257) }, ['/source too_long']],
    ['with an id of 129 two-byte characters', { ...example, id: 'ü'.repeat(129) }, ['/id too_long']],
    ['with an empty id', { ...example, id: '' }, ['/id invalid_value']],
    ['without a zone in its time', { ...example, time: '2026-11-21T10:00:00' }, ['/time invalid_value']],
    ['with an extension', { ...example, region: 'eu' }, ['/region unknown_property']],
    [
      'with data in base64',
      { ...without(example, 'data'), data_base64: 'e30=' },
      ['/data required', '/data_base64 unknown_property'],
    ],
    ['with unknown data', withData({ tokens: 1 }), ['/data/tokens unknown_property']],
    ['without a model', { ...example, data: without(example.data, 'model') }, ['/data/model required']],
    ['with an empty model', withData({ model: '' }), ['/data/model invalid_value']],
    ['with null as the model', withData({ model: null }), ['/data/model invalid_type']],
    ['without units', { ...example, data: without(example.data, 'units') }, ['/data/units required']],
    ['with a negative unit', withUnits({ inputTokens: -1 }), ['/data/units/inputTokens invalid_value']],
    ['with a fraction of a token', withUnits({ inputTokens: 1.5 }), ['/data/units/inputTokens invalid_value']],
    ['with a text as a unit', withUnits({ inputTokens: '12' }), ['/data/units/inputTokens invalid_type']],
    [
      'with null as a unit',
      withUnits({ inputTokens: null, seconds: null }),
      ['/data/units/inputTokens invalid_type', '/data/units/seconds invalid_type'],
    ],
    ['with too large a unit', withUnits({ inputTokens: 1e12 + 1 }), ['/data/units/inputTokens invalid_value']],
    ['with negative seconds', withUnits({ seconds: -0.5 }), ['/data/units/seconds invalid_value']],
    ['with misspelled seconds', withUnits({ seconds: '1.50' }), ['/data/units/seconds invalid_amount']],
    ['with seconds that no decimal says', withUnits({ seconds: 1e-13 }), ['/data/units/seconds invalid_amount']],
    ['with too many seconds', withUnits({ seconds: '1000000000000.1' }), ['/data/units/seconds invalid_value']],
    ['with a bad name of a unit', withUnits({ '2x': 1 }), ['/data/units/2x unknown_property']],
    ['with a number as a field', withData({ fields: { priority: 1 } }), ['/data/fields/priority invalid_type']],
    [
      'with 33 fields',
      withData({ fields: Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`f${n}`, 'v'])) }),
      ['/data/fields too_long'],
    ],
    [
      'with labels that are none',
      withData({
        labels: { Team: 'a', '9x': 'a', [`x${'y'.repeat(32)}`]: 'a', a: '', b: 'ü'.repeat(33), c: '(other)', d: 7 },
      }),
      [
        '/data/labels/9x invalid_value',
        '/data/labels/Team invalid_value',
        '/data/labels/a invalid_value',
        '/data/labels/b too_long',
        '/data/labels/c invalid_value',
        '/data/labels/d invalid_type',
        `/data/labels/x${'y'.repeat(32)} invalid_value`,
      ],
    ],
    [
      'with 11 labels',
      withData({ labels: Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`l${n}`, 'v'])) }),
      ['/data/labels too_long'],
    ],
    [
      'with a field __proto__',
      JSON.parse(JSON.stringify(example).replace('"priority":', '"__proto__":')),
      ['/data/fields/__proto__ invalid_value'],
    ],
  ])('that is %s is refused', (_name, event, faults) => {
    expect(summary(faultsBySchema(event))).toEqual(faults);
    expect(naiveFaults(event)).toEqual(faults);
  });

  it.each<[string, object]>([
    ['a source of 256 bytes', { ...example, source: 'ü'.repeat(128) }],
    ['32 fields', withData({ fields: Object.fromEntries(Array.from({ length: 32 }, (_, n) => [`f${n}`, 'v'])) })],
    [
      '10 labels, as long as they may be',
      withData({
        labels: Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`l${n}${'_'.repeat(30)}`, 'ü'.repeat(32)])),
      }),
    ],
    ['no labels', withData({ labels: null })],
    ['no units at all', withUnits({})],
    ['a unit of 10^12', withUnits({ inputTokens: 1e12 })],
    ['seconds with a fraction', withUnits({ seconds: 0.5 })],
    ['seconds as a decimal string', withUnits({ seconds: '0.000000000001' })],
    ['an offset in its time', { ...example, time: '2026-11-21T18:00:00+08:00' }],
    [
      'every attribute that is welcome',
      {
        ...example,
        datacontenttype: 'application/json',
        dataschema: 'https://example.com/s',
        traceparent: 'x',
        tracestate: 'a=b',
      },
    ],
  ])('with %s is taken', (_name, event) => {
    expect(faultsBySchema(event)).toEqual([]);
    expect(naiveFaults(event)).toEqual([]);
  });

  it('that is nonsense by the thousand is refused with one fault', () => {
    const members = Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`k${n}`, 'v']));
    for (const event of [
      { ...example, ...members },
      withData(members),
      withUnits(members),
      withData({ fields: members }),
      withData({ labels: members }),
    ]) {
      expect(summary(faultsBySchema(event))).toEqual([' too_long']);
    }
  });
});

describe('usage', () => {
  it('says what the event says', () => {
    expect(toUsage({ ...example, traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' })).toEqual({
      source: 'gateway-eu-1',
      id: 'req-7f3a',
      occurredAt: Date.parse('2026-11-21T10:00:00Z'),
      model: 'claude-sonnet',
      apiKeyId: 'key-1',
      group: 'vip',
      channel: 'official',
      authorizationId: null,
      units: { inputTokens: 1200, outputTokens: 350, cacheReadTokens: 800 },
      fields: { priority: 'priority' },
      digest: 'MZWjjC0GnFW',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    });
  });

  it('has null for what the event leaves out, and for a trace context that is none', () => {
    const bare = { ...example, traceparent: 'nonsense', data: { model: 'm', units: {} } };
    expect(toUsage(bare)).toMatchObject({
      apiKeyId: null,
      group: null,
      channel: null,
      authorizationId: null,
      fields: {},
      traceparent: null,
    });
  });

  it('has what the provider says it took, as an amount', () => {
    const { upstreamCost } = toUsage(withData({ upstreamCost: '0.0125' }) as UsageEvent);
    expect(upstreamCost && toText(upstreamCost)).toBe('0.0125');
    expect(toUsage(withData({ upstreamCost: null }) as UsageEvent)).not.toHaveProperty('upstreamCost');
    expect(summary(faultsBySchema(withData({ upstreamCost: 0.0125 })))).toEqual(['/data/upstreamCost invalid_amount']);
    expect(summary(faultsBySchema(withData({ upstreamCost: '-1' })))).toEqual(['/data/upstreamCost invalid_value']);
  });

  it('has its labels, and none where there are none', () => {
    expect(toUsage(withData({ labels: { team: 'search' } }) as UsageEvent).labels).toEqual({ team: 'search' });
    expect(toUsage(withData({ labels: null }) as UsageEvent)).not.toHaveProperty('labels');
  });

  it('has the canonical JSON of type, instant and data as its content, and its SHA-256 as the digest', () => {
    fc.assert(
      fc.property(validEvent, (generated) => {
        const event = throughJson(generated) as UsageEvent;
        const data = Object.fromEntries(Object.entries(event.data).filter(([, value]) => value !== null));
        const expected = canonicalJson({ type: event.type, time: instantMs(event.time), data });
        expect(usageContent(event, instantMs(event.time))).toBe(expected);
        expect(toUsage(event).digest).toBe(createHash('sha256').update(expected).digest('base64url').slice(0, 11));
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps its digest when only the spelling changes, and no longer when the content does', () => {
    const { digest } = toUsage(example);
    const same = [
      { ...example, time: '2026-11-21T18:00:00.000+08:00' },
      withData({ units: { cacheReadTokens: 800, outputTokens: 350, inputTokens: 1200 } }),
      { ...example, data: without(example.data, 'authorizationId') },
      { ...example, tracestate: 'a=b' },
      withData({ labels: null }),
    ];
    const other = [
      { ...example, time: '2026-11-21T10:00:00.001Z' },
      withUnits({ inputTokens: 1201, outputTokens: 350, cacheReadTokens: 800 }),
      withData({ channel: null }),
      withData({ fields: { priority: 'normal' } }),
      withData({ labels: { team: 'search' } }),
    ];
    expect(same.map((event) => toUsage(event as UsageEvent).digest)).toEqual(same.map(() => digest));
    for (const event of other) expect(toUsage(event as UsageEvent).digest).not.toBe(digest);
  });
});

describe('a record of the topic', () => {
  it('is read as usage of its account', () => {
    expect(readUsageRecord(JSON.stringify(example))).toEqual({
      kind: 'usage',
      platform: 'apibox',
      account: 'acct-42',
      usage: toUsage(example),
    });
  });

  it.each<[string, string, object]>([
    ['no JSON', '{"specversion"', { detail: 'the record is not JSON' }],
    ['empty', '', { detail: 'the record is not JSON' }],
    ['null', 'null', { detail: 'the event must be an object, not null' }],
    [
      'of a bad unit',
      JSON.stringify(withUnits({ inputTokens: -1 })),
      { detail: '/data/units/inputTokens must be from 0 to 10^12', platform: 'apibox', account: 'acct-42' },
    ],
    [
      'of a bad account',
      JSON.stringify({ ...example, subject: '/' }),
      { detail: '/subject must match [A-Za-z0-9][A-Za-z0-9._:@-]{0,127}', platform: 'apibox' },
    ],
  ])('that is %s is malformed and says why', (_name, value, expected) => {
    expect(readUsageRecord(value)).toEqual({ kind: 'malformed', ...expected });
  });

  it('never throws, and tells in at most 500 characters what is wrong', () => {
    const hostile = fc.oneof(
      fc.string(),
      fc.json(),
      fc.tuple(validEvent, mutation).map(([event, mutate]) => JSON.stringify(mutate(event))),
    );
    fc.assert(
      fc.property(hostile, (value) => {
        const read = readUsageRecord(value);
        if (read.kind === 'malformed') {
          expect(read.detail.length).toBeGreaterThan(0);
          expect(read.detail.length).toBeLessThanOrEqual(500);
        }
      }),
      { numRuns: 2_000 },
    );
    expect(readUsageRecord('['.repeat(1_000_000) + ']'.repeat(1_000_000)).kind).toBe('malformed');
    expect(readUsageRecord(`{"data":{"units":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}}`).kind).toBe(
      'malformed',
    );
  });
});
