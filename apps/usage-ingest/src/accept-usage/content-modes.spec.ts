import { CloudEvent, HTTP, emitterFor, type Message } from 'cloudevents';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import { ingestApp, KeptTopics } from '../testing/ingest-app';

const now = Date.parse('2026-11-21T10:00:00Z');
const data = { model: 'claude-sonnet', units: { inputTokens: 1200, seconds: '0.5' }, fields: { city: 'Zürich' } };
const event = (id = 'req-1', more: object = {}): CloudEvent<unknown> =>
  new CloudEvent({
    type: 'usage.recorded',
    source: '/gateway/eu-1',
    id,
    time: '2026-11-21T10:00:00.000Z',
    subject: 'acct-42',
    platform: 'apibox',
    data,
    ...more,
  });

let topics: KeptTopics;
let app: NestFastifyApplication;

beforeEach(async () => {
  topics = new KeptTopics();
  app = await ingestApp(topics, new ManualClock(now));
});
afterEach(() => app.close());

const send = async ({ headers, body }: Message): Promise<{ status: number; json: Record<string, unknown> }> => {
  const answer = await app.inject({
    method: 'POST',
    url: '/v1/usage',
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    payload: body as string,
  });
  return { status: answer.statusCode, json: answer.json() };
};

/** What is on the topic, without what only says how it travelled. */
const taken = (): unknown[] =>
  topics.published.flatMap(({ records }) =>
    records.map(({ value }) => {
      const event = JSON.parse(value) as Record<string, unknown>;
      delete event['datacontenttype'];
      return event;
    }),
  );

const expected = (id = 'req-1'): object => ({
  specversion: '1.0',
  type: 'usage.recorded',
  source: '/gateway/eu-1',
  id,
  time: '2026-11-21T10:00:00.000Z',
  subject: 'acct-42',
  platform: 'apibox',
  data,
});

describe('what the CloudEvents SDK sends', () => {
  it('is taken as its emitter sends it by default, in binary content mode', async () => {
    const answers: unknown[] = [];
    const emit = emitterFor(async (message) => void answers.push(await send(message)));
    await emit(event());
    expect(answers).toEqual([{ status: 202, json: { accepted: 1 } }]);
    expect(taken()).toEqual([expected()]);
  });

  it('means the same in binary, structured and batched mode', async () => {
    const batch = {
      headers: { 'content-type': 'application/cloudevents-batch+json' },
      body: JSON.stringify([event(), event('req-2')]),
    };
    const messages = [HTTP.binary(event()), HTTP.structured(event()), batch];
    for (const message of messages) expect(await send(message)).toMatchObject({ status: 202 });
    expect(taken()).toEqual([expected(), expected(), expected(), expected('req-2')]);
  });

  it('may carry a trace in its headers', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    expect(await send(HTTP.binary(event('req-1', { traceparent })))).toMatchObject({ status: 202 });
    expect(taken()).toEqual([{ ...expected(), traceparent }]);
  });

  it('is refused with every fault at its place in the event, whichever mode it comes in', async () => {
    const bad = event('req-1', { colour: 'red', subject: undefined, data: { units: { inputTokens: -1 } } });
    const [binary, structured] = [await send(HTTP.binary(bad)), await send(HTTP.structured(bad))];
    expect(binary).toMatchObject({ status: 422, json: { code: 'invalid_usage' } });
    expect(new Set(binary.json['errors'] as object[])).toEqual(new Set(structured.json['errors'] as object[]));
    expect(topics.published).toEqual([]);
  });

  it('is refused where its data are none, in binary mode too', async () => {
    const { headers } = HTTP.binary(event());
    for (const [body, status] of [
      ['', 400],
      ['no json', 400],
      ['[]', 422],
      ['{"a":1},"data":{}', 422],
    ] as const)
      expect([body, (await send({ headers, body })).status]).toEqual([body, status]);
  });
});
