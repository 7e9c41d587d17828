import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { MAX_EVENT_UNITS } from '@meterbook/http/request/events-body';
import { readUsageRecord } from '@meterbook/messages/usage-event/read-usage-record';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import { EmbeddedTopics } from '@meterbook/topics/embedded/embedded-topics';
import { TopicsBusy, type DeliveredRecord } from '@meterbook/topics/topics';
import { ingestApp as build, KeptTopics } from '../testing/ingest-app';
import { CLOSED_MS } from './ingest-gate';

const MIB = 1024 * 1024;
const now = Date.parse('2026-11-21T10:00:00Z');
const fromNow = (ms: number): string => new Date(now + ms).toISOString();
const DAY_MS = 86_400_000;

const event = (changes: object = {}, data: object = {}): Record<string, unknown> => ({
  specversion: '1.0',
  type: 'usage.recorded',
  source: 'gateway-eu-1',
  id: 'req-1',
  time: fromNow(0),
  platform: 'apibox',
  subject: 'acct-42',
  data: { model: 'claude-sonnet', authorizationId: null, units: { inputTokens: 1200 }, ...data },
  ...changes,
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly json: Record<string, unknown>;
}

let topics: KeptTopics;
let clock: ManualClock;
let app: NestFastifyApplication;

const post = async (body: unknown, headers: Record<string, string> = {}, to = app): Promise<Answer> => {
  const payload = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  const answer = await to.inject({
    method: 'POST',
    url: '/v1/usage',
    headers: { 'content-type': 'application/json', ...headers },
    payload,
  });
  return { status: answer.statusCode, headers: answer.headers, json: answer.json<Record<string, unknown>>() };
};

const refused = ({ status, headers, json }: Answer): unknown => {
  expect(String(headers['content-type'])).toContain('application/problem+json');
  return [status, json['code']];
};

beforeEach(async () => {
  topics = new KeptTopics();
  clock = new ManualClock(now);
  app = await build(topics, clock);
});
afterEach(() => app.close());

describe('usage that is accepted', () => {
  it('is published under its account as it came, and counted in the answer', async () => {
    expect(await post(event())).toMatchObject({ status: 202, json: { accepted: 1 } });
    expect(topics.published).toEqual([
      {
        topic: 'usage.recorded',
        records: [{ key: 'apibox/acct-42', headers: { 'accepted-at': String(now) }, value: JSON.stringify(event()) }],
      },
    ]);
  });

  it('keeps the order of a batch, in one publish', async () => {
    const batch = Array.from({ length: 1000 }, (_, at) => event({ id: `req-${at}`, subject: `acct-${at % 7}` }));
    expect(await post(batch)).toMatchObject({ status: 202, json: { accepted: 1000 } });
    expect(topics.published).toHaveLength(1);
    expect(topics.published[0]?.records.map(({ key }) => key).slice(0, 3)).toEqual([
      'apibox/acct-0',
      'apibox/acct-1',
      'apibox/acct-2',
    ]);
    expect(topics.published[0]?.records.map(({ value }) => (JSON.parse(value) as { id: string }).id)).toEqual(
      batch.map(({ id }) => id),
    );
  });

  it('may count seconds, things and extras in fractions, as texts', async () => {
    const units = { seconds: '0.5', count: '2.25', searchCalls: '0.000001', inputTokens: 3 };
    expect(await post(event({}, { units }))).toMatchObject({ status: 202 });
  });

  it('may come as any of the three content types', async () => {
    for (const type of [
      'application/json; charset=utf-8',
      'application/cloudevents+json',
      'application/cloudevents-batch+json',
    ]) {
      expect(await post([event()], { 'content-type': type })).toMatchObject({ status: 202 });
    }
  });

  it('is answered only when the topics have acknowledged it', async () => {
    let acknowledged: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      topics.acknowledge = () => {
        resolve();
        return new Promise((done) => (acknowledged = done));
      };
    });
    let answered = false;
    const answer = post(event()).finally(() => (answered = true));
    await asked;
    await clock.advance(10_000);
    expect(answered).toBe(false);
    acknowledged();
    expect(await answer).toMatchObject({ status: 202 });
  });

  it('reaches a consumer through the embedded topics', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'ingest-'));
    const realClock = new SystemClock();
    const embedded = new EmbeddedTopics(directory, realClock, { prefix: 'test.', partitions: 3 });
    const service = await build(embedded, realClock);
    const sent = event({ time: new Date(realClock.now()).toISOString(), id: 'ü' });
    expect(await post([sent, { ...sent, id: 'b' }], {}, service)).toMatchObject({ status: 202, json: { accepted: 2 } });
    const stop = new AbortController();
    const delivered: DeliveredRecord[] = [];
    await embedded.consume(
      'ledger',
      ['usage.recorded'],
      async ({ records }) => {
        delivered.push(...records);
        if (delivered.length === 2) stop.abort();
      },
      stop.signal,
    );
    expect(delivered.map(({ value }) => readUsageRecord(value))).toMatchObject([
      { kind: 'usage', platform: 'apibox', account: 'acct-42', usage: { id: 'ü' } },
      { kind: 'usage', usage: { id: 'b' } },
    ]);
    await service.close();
    await embedded.close();
    rmSync(directory, { recursive: true });
  });
});

describe('usage that is refused', () => {
  afterEach(() => expect(topics.published).toEqual([]));

  it.each<[string, unknown, unknown]>([
    ['broken JSON', '{"specversion":', [400, 'invalid_json']],
    ['nothing', '', [400, 'invalid_json']],
    ['invalid UTF-8', Buffer.from('22ff22', 'hex'), [400, 'invalid_json']],
    ['an empty batch', [], [422, 'invalid_usage']],
    ['an empty object', {}, [422, 'invalid_usage']],
    ['a number', '7', [422, 'invalid_usage']],
    ['null', 'null', [422, 'invalid_usage']],
    ['a batch in a batch', [[event()]], [422, 'invalid_usage']],
    ['deep nesting', '['.repeat(900_000) + ']'.repeat(900_000), [413, 'payload_too_large']],
    [
      'deep nesting in a unit',
      JSON.stringify(event()).replace('1200', '['.repeat(500_000) + ']'.repeat(500_000)),
      [413, 'payload_too_large'],
    ],
    ['an unknown attribute', event({ region: 'eu' }), [422, 'invalid_usage']],
    ['a key __proto__', JSON.stringify(event()).replace('"type"', '"__proto__"'), [422, 'invalid_usage']],
    ['1001 events', Array.from({ length: 1001 }, () => event()), [413, 'payload_too_large']],
    ['more than 5 MiB', `[${' '.repeat(5 * MIB)}]`, [413, 'payload_too_large']],
  ])('as %s', async (_name, body, expected) => {
    expect(refused(await post(body))).toEqual(expected);
  });

  it('under a content type that is not taken', async () => {
    for (const type of ['text/plain', 'application/yaml', 'application/x-www-form-urlencoded']) {
      expect(refused(await post(event(), { 'content-type': type }))).toEqual([415, 'unsupported_media_type']);
    }
  });

  it('with one event that is larger than the schema takes', async () => {
    const large = event({}, { fields: { priority: 'x'.repeat(MAX_EVENT_UNITS) } });
    for (const body of [large, [event(), large]]) expect(refused(await post(body))).toEqual([413, 'payload_too_large']);
  });

  it('in a large batch as in a small one', async () => {
    const pad = 'x'.repeat(1_000);
    const batch = (last: string): string =>
      `[${Array.from({ length: 600 }, (_, at) => JSON.stringify(event({ id: `${at}`, tracestate: pad }))).join(' , ')},${last}]`;
    const doubtful = JSON.stringify(event()).replace('1200', '1,"inputTokens":0.5');
    const { json } = await post(batch(doubtful));
    expect(json['errors']).toMatchObject([{ index: 600, pointer: '/data/units/inputTokens', code: 'invalid_value' }]);
    expect(refused(await post(batch('{"a":}')))).toEqual([400, 'invalid_json']);
    expect(refused(await post(batch('')))).toEqual([400, 'invalid_json']);
    expect(topics.published).toEqual([]);
  });

  it('takes 5 MiB to the byte, and no byte more', async () => {
    const text = JSON.stringify(event());
    const fill = (bytes: number): string => text + ' '.repeat(bytes - text.length);
    expect(refused(await post(fill(5 * MIB + 1)))).toEqual([413, 'payload_too_large']);
    expect(await post(fill(5 * MIB))).toMatchObject({ status: 202 });
    topics.published.length = 0;
  });

  it('names every fault of every event by index, and accepts none of the batch', async () => {
    const batch = [
      event(),
      event({}, { units: { inputTokens: -1, outputTokens: 1.5 } }),
      7,
      event({ time: 'soon', x: 1 }),
    ];
    const answer = await post(batch);
    expect(refused(answer)).toEqual([422, 'invalid_usage']);
    expect(answer.json['errors']).toEqual(
      expect.arrayContaining([
        { index: 1, pointer: '/data/units/inputTokens', code: 'invalid_value', detail: expect.any(String) as string },
        { index: 1, pointer: '/data/units/outputTokens', code: 'invalid_value', detail: expect.any(String) as string },
        { index: 2, pointer: '', code: 'invalid_type', detail: expect.any(String) as string },
        { index: 3, pointer: '/time', code: 'invalid_value', detail: expect.any(String) as string },
        { index: 3, pointer: '/x', code: 'unknown_property', detail: expect.any(String) as string },
      ]),
    );
    expect(answer.json['errors']).toHaveLength(5);
  });

  it.each<[string, string, string]>([
    ['a key that stands twice', '{"inputTokens":1,"inputTokens":1}', '/data/units/inputTokens'],
    ['a fraction as a number', '{"seconds":0.5}', '/data/units/seconds'],
    ['a number that is nearly one', '{"seconds":0.99999999999999999999}', '/data/units/seconds'],
    ['a number that is nearly one, of tokens', '{"inputTokens":0.99999999999999999999}', '/data/units/inputTokens'],
    ['a number beyond all', '{"inputTokens":1e400}', '/data/units/inputTokens'],
    ['minus zero', '{"inputTokens":-0}', '/data/units/inputTokens'],
    ['a number that no double holds', '{"inputTokens":9007199254740993}', '/data/units/inputTokens'],
    ['a fraction of tokens as a text', '{"inputTokens":"0.5"}', '/data/units/inputTokens'],
    ['a fraction of images as a text', '{"images":"0.5"}', '/data/units/images'],
    ['a fraction of pixels as a text', '{"width":"0.5"}', '/data/units/width'],
    ['a fraction of requests as a text', '{"requests":"0.5"}', '/data/units/requests'],
  ])('with %s, under its index and pointer, once', async (_name, units, pointer) => {
    const bad = JSON.stringify(event()).replace('{"inputTokens":1200}', units);
    for (const body of [`[${JSON.stringify(event())},${bad}]`, `[ ${JSON.stringify(event())}, ${bad} ]`]) {
      const answer = await post(body);
      expect(refused(answer)).toEqual([422, 'invalid_usage']);
      expect(answer.json['errors']).toEqual([expect.objectContaining({ index: 1, pointer })]);
    }
    expect(topics.published).toEqual([]);
  });

  it('tells a bounded number of faults', async () => {
    const bad = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`k${at}`, 1]));
    const answer = await post(Array.from({ length: 1000 }, () => bad));
    expect(refused(answer)).toEqual([422, 'invalid_usage']);
    expect(answer.json['errors']).toHaveLength(10_000);
  });

  it.each<[string, number, object | null]>([
    ['35 days old', -35 * DAY_MS, null],
    ['older than 35 days', -35 * DAY_MS - 1, { code: 'usage_too_old' }],
    ['five minutes ahead', 300_000, null],
    ['more than five minutes ahead', 300_001, { code: 'usage_in_future' }],
  ])('when it is %s, by the clock at acceptance', async (_name, offset, fault) => {
    const answer = await post([event(), event({ id: 'b', time: fromNow(offset) })]);
    if (fault === null) {
      expect(answer).toMatchObject({ status: 202 });
      topics.published.length = 0;
    } else {
      expect(refused(answer)).toEqual([422, 'invalid_usage']);
      expect(answer.json['errors']).toMatchObject([{ index: 1, pointer: '/time', ...fault }]);
    }
  });

  it('by the age window that is configured', async () => {
    const service = await build(topics, clock, { USAGE_MAX_AGE_DAYS: '1' });
    const answer = await post(event({ time: fromNow(-DAY_MS - 1) }), {}, service);
    expect(answer.json['errors']).toMatchObject([{ index: 0, pointer: '/time', code: 'usage_too_old' }]);
    await service.close();
  });

  it('with 503 and nothing promised when the outcome of the publish is unknown', async () => {
    topics.acknowledge = () => Promise.reject(new Error('broker of 10.0.0.7 is gone'));
    const answer = await post(event());
    expect(refused(answer)).toEqual([503, 'unavailable']);
    expect(answer.headers['retry-after']).toBe('1');
    expect(JSON.stringify(answer.json)).not.toContain('10.0.0.7');
  });
});

describe('a token', () => {
  let directory: string;
  let service: NestFastifyApplication;
  const entry = (name: string, scopes: string[], platforms?: string[]): object => ({
    name,
    sha256: createHash('sha256').update(`token-of-${name}`).digest('hex'),
    scopes,
    ...(platforms ? { platforms } : {}),
  });
  const as = (name: string): Record<string, string> => ({ authorization: `Bearer token-of-${name}` });

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'tokens-'));
    const path = join(directory, 'tokens.json');
    const tokens = [
      entry('gateway', ['usage:write']),
      entry('apibox', ['usage:write'], ['apibox']),
      entry('reader', ['ledger:read']),
      entry('root', ['admin']),
    ];
    writeFileSync(path, JSON.stringify(tokens));
    service = await build(topics, clock, { METERBOOK_TOKENS: path, HOST: '0.0.0.0' });
  });
  afterEach(async () => {
    await service.close();
    rmSync(directory, { recursive: true });
  });

  it('is needed, before the body is looked at', async () => {
    expect(refused(await post('{', {}, service))).toEqual([401, 'unauthenticated']);
    expect(refused(await post(event(), as('nobody'), service))).toEqual([401, 'unauthenticated']);
    expect(refused(await post('{', as('reader'), service))).toEqual([403, 'forbidden']);
    expect(topics.published).toEqual([]);
  });

  it('with usage:write or admin is enough', async () => {
    for (const name of ['gateway', 'root'])
      expect(await post(event(), as(name), service)).toMatchObject({ status: 202 });
  });

  it('that is limited to platforms reports usage of those only, all or nothing', async () => {
    expect(await post([event(), event()], as('apibox'), service)).toMatchObject({ status: 202 });
    topics.published.length = 0;
    const answer = await post(
      [event(), event({ platform: 'creditpool' }), event({ platform: 'yunxin' })],
      as('apibox'),
      service,
    );
    expect(refused(answer)).toEqual([403, 'forbidden']);
    expect(answer.json['errors']).toMatchObject([
      { index: 1, pointer: '/platform', code: 'forbidden' },
      { index: 2, pointer: '/platform', code: 'forbidden' },
    ]);
    expect(topics.published).toEqual([]);
  });
});

describe('when too much is waiting', () => {
  const busy = (answer: Answer): void => {
    expect(refused(answer)).toEqual([503, 'too_busy']);
    expect(answer.headers['retry-after']).toBe('1');
  };

  it('answers 503 for a moment after the topics were busy, before it reads a body', async () => {
    topics.acknowledge = () => Promise.reject(new TopicsBusy('usage.recorded', 'queue is full'));
    busy(await post(event()));
    topics.acknowledge = () => Promise.resolve();
    busy(await post('{ this is no JSON'));
    await clock.advance(CLOSED_MS - 1);
    busy(await post(event()));
    await clock.advance(1);
    expect(await post(event())).toMatchObject({ status: 202 });
  });

  it('answers 503 while the bodies in flight fill the limit, and takes usage again once they are done', async () => {
    const service = await build(topics, clock, { INGEST_IN_FLIGHT_MIB: '8' });
    const release: (() => void)[] = [];
    topics.acknowledge = () => new Promise((done) => void release.push(done));
    const large = JSON.stringify(event()) + ' '.repeat(Math.floor(2.4 * MIB));
    const waiting = [post(large, {}, service), post(large, {}, service)];
    while (release.length < 2) await clock.advance(1);
    busy(await post('{ this is no JSON'.padEnd(MIB), {}, service));
    for (const done of release) done();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([202, 202]);
    topics.acknowledge = () => Promise.resolve();
    expect(await post(large, {}, service)).toMatchObject({ status: 202 });
    await service.close();
  });
});

describe('the description of the API', () => {
  it('shows the event with its fields and the three content types', async () => {
    const document = (await app.inject({ method: 'GET', url: '/openapi.json' })).json<{
      paths: Record<string, { post: { requestBody: { content: object }; responses: object } }>;
      components: { schemas: Record<string, { properties: Record<string, { description?: string }> }> };
    }>();
    const { requestBody, responses } = document.paths['/v1/usage']?.post ?? {
      requestBody: { content: {} },
      responses: {},
    };
    expect(Object.keys(requestBody.content)).toEqual([
      'application/json',
      'application/cloudevents+json',
      'application/cloudevents-batch+json',
    ]);
    expect(Object.keys(responses)).toEqual(
      expect.arrayContaining(['202', '400', '401', '403', '413', '415', '422', '500', '503']),
    );
    const properties = document.components.schemas['UsageEvent']?.properties ?? {};
    expect(Object.keys(properties)).toHaveLength(12);
    for (const property of Object.values(properties)) expect(property.description).toMatch(/\.$/);
  });
});
