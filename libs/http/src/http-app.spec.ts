import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Body, Controller, Get, HttpCode, Module, Param, Post, Put, Query } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiCreatedResponse } from '@nestjs/swagger';
import { createLog } from '@meterbook/runtime/log';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { SystemRandom } from '@meterbook/runtime/system-random';
import { Open } from './auth/access';
import { Health } from './health/health';
import { createHttpApp } from './http-app';
import { Metrics } from './metrics/metrics';
import { Refuses } from './openapi/problem-responses';
import { Problem, retryAfter } from './problem/problem';
import { bodyDigest } from './request/body-digest';
import { AccountInPath, OpenedAccountInPath, PlatformInPath } from './request/path-parameters';
import {
  IsAmount,
  IsIdempotencyId,
  IsInstant,
  MayBeAbsent,
  MayBeNull,
  Nested,
  NestedList,
} from './request/value-decorators';
import { Written } from './request/written';
import { AcceptsYaml, BodyLimit } from './route-options';

class PayerDto {
  @IsIdempotencyId('Who pays.')
  readonly name!: string;
}

class PaymentDto {
  @IsIdempotencyId('The payment.')
  readonly paymentId!: string;

  @IsAmount('positive', 'What was paid.')
  readonly amount!: string;

  @MayBeAbsent()
  @IsInstant('When it was paid.')
  readonly paidAt?: string;

  @MayBeNull()
  @Nested(() => PayerDto, 'Who paid.')
  readonly payer?: PayerDto | null;

  @MayBeAbsent()
  @NestedList(() => PayerDto, 'Who else paid.')
  readonly others?: readonly PayerDto[];
}

class PageDto {
  @MayBeAbsent()
  @IsIdempotencyId('Where to go on.')
  readonly cursor?: string;
}

const secretError = 'connect failed for user admin with password open-sesame';

@Controller('v1/platforms/:platform')
class PaymentsController {
  private readonly digests = new Set<string>();

  @Post('payments')
  @Open()
  @ApiCreatedResponse({ description: 'The payment.' })
  @Refuses('unknown_platform', 'invalid_amount', 'idempotency_conflict')
  pay(@PlatformInPath() platform: string, @Body() payment: PaymentDto): Written<object> {
    const digest = bodyDigest(payment);
    const repeated = this.digests.has(digest);
    this.digests.add(digest);
    return new Written(Object.assign({ platform, isRead: payment instanceof PaymentDto }, payment), repeated);
  }

  @Get('accounts/:account')
  @Open()
  view(@AccountInPath() account: string, @Query() page: PageDto): object {
    return Object.assign({ account }, page);
  }

  @Put('accounts/:account')
  @Open()
  open(@OpenedAccountInPath() account: string): object {
    return { account };
  }

  @Put('rulebook')
  @Open()
  @AcceptsYaml()
  publish(@Body() body: unknown): unknown {
    return body;
  }

  @Post('large')
  @Open()
  @BodyLimit(2 * 1024 * 1024)
  @HttpCode(200)
  large(@Body() body: { readonly text: string }): number {
    return body.text.length;
  }

  @Get('failures/:kind')
  @Open()
  fail(@Param('kind') kind: string): never {
    if (kind === 'busy') throw new Problem('too_busy', 'Later.', { headers: retryAfter(3) });
    if (kind === 'poor') {
      throw new Problem('insufficient_credits', 'Not enough.', { members: { available: '1', required: '2' } });
    }
    if (kind === 'thrown') throw secretError as unknown as Error;
    throw Object.assign(new Error(secretError), { statusCode: 500 });
  }

  @Get('forgotten')
  forgotten(): string {
    return 'nobody said who may read this';
  }
}

@Module({ controllers: [PaymentsController] })
class PaymentsModule {}

const clock = new SystemClock();
const lines: string[] = [];
const log = createLog('info', { write: (line) => void lines.push(line) });

const build = (): Promise<NestFastifyApplication> =>
  createHttpApp(PaymentsModule, {
    configuration: { HOST: '127.0.0.1', METERBOOK_TOKENS: null },
    log,
    clock,
    random: new SystemRandom(),
    title: 'Payments',
    description: 'What was paid.',
  });

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  readonly json: Record<string, unknown>;
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';

let app: NestFastifyApplication;

const send = async (
  method: Method,
  url: string,
  payload?: string | Buffer | object,
  headers: Record<string, string> = {},
): Promise<Answer> => {
  const isText = typeof payload === 'string' || Buffer.isBuffer(payload);
  const withType = isText ? { 'content-type': 'application/json', ...headers } : headers;
  const answer = await app.inject({ method, url, headers: withType, ...(payload === undefined ? {} : { payload }) });
  const isJson = /json/.test(String(answer.headers['content-type'])) && answer.body !== '';
  const json = isJson ? answer.json<Record<string, unknown>>() : {};
  return { status: answer.statusCode, headers: answer.headers, body: answer.body, json };
};

const refusal = ({ status, headers, json }: Answer): unknown => {
  expect(headers['content-type']).toMatch(/^application\/problem\+json(; charset=utf-8)?$/);
  expect(json).toMatchObject({ type: `urn:meterbook:problem:${String(json['code'])}`, status });
  expect(typeof json['title']).toBe('string');
  expect(typeof json['detail']).toBe('string');
  return [status, json['code']];
};

const payments = '/v1/platforms/apibox/payments';

beforeAll(async () => {
  app = await build();
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
});
afterAll(() => app.close());
beforeEach(() => void (lines.length = 0));

describe('a body', () => {
  it.each([
    ['broken JSON', '{"amount":', [400, 'invalid_json']],
    ['text after the JSON', '{} {}', [400, 'invalid_json']],
    ['JavaScript, not JSON', '{amount: NaN}', [400, 'invalid_json']],
    ['invalid UTF-8', Buffer.from('7b2261223a22ff227d', 'hex'), [400, 'invalid_json']],
    ['a byte order mark', '\ufeff{}', [400, 'invalid_json']],
    ['a key that stands twice', '{"amount":"1","amount":"2"}', [400, 'invalid_json']],
    ['a key that stands twice in other spellings', '{"amount":"1","\\u0061mount":"2"}', [400, 'invalid_json']],
    ['a key that stands twice further in', '[{"a":[1,{"b":1,"c":{},"b":2}]}]', [400, 'invalid_json']],
    ['a key __proto__', '{"__proto__":{"admin":true}}', [400, 'invalid_json']],
    ['a key __proto__ in disguise', '{"\\u005f_proto__":{"admin":true}}', [400, 'invalid_json']],
    ['half of a surrogate pair', '{"amount":"\\ud83d"}', [400, 'invalid_json']],
    ['deep nesting', '['.repeat(60_000) + ']'.repeat(60_000), [400, 'invalid_json']],
    ['nesting just too deep', '['.repeat(33) + ']'.repeat(33), [400, 'invalid_json']],
    ['an array', '[]', [422, 'invalid_request']],
    ['null', 'null', [422, 'invalid_request']],
    ['nothing at all', '', [422, 'invalid_request']],
  ])('that is %s is refused', async (_name, body, expected) => {
    expect(refusal(await send('POST', payments, body))).toEqual(expected);
  });

  it('is refused under another content type, and without one', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/yaml',
      'application/cloudevents+json',
      'nonsense',
    ]) {
      const answer = await send('POST', payments, '{}', { 'content-type': type });
      expect(refusal(answer)).toEqual([415, 'unsupported_media_type']);
    }
  });

  it('is refused over the limit, and taken under a larger limit of the route', async () => {
    const body = JSON.stringify({ text: 'a'.repeat(1024 * 1024) });
    expect(refusal(await send('POST', payments, body))).toEqual([413, 'payload_too_large']);
    expect(await send('POST', '/v1/platforms/apibox/large', body)).toMatchObject({ status: 200, body: '1048576' });
    const over = JSON.stringify({ text: 'a'.repeat(2 * 1024 * 1024) });
    expect(refusal(await send('POST', '/v1/platforms/apibox/large', over))).toEqual([413, 'payload_too_large']);
  });
});

describe('a YAML body', () => {
  it('reaches the handler as it arrived, to be read elsewhere', async () => {
    const text = 'platform: [ apibox';
    const answer = await send('PUT', '/v1/platforms/apibox/rulebook', text, { 'content-type': 'application/yaml' });
    expect(answer.json).toMatchObject({ isYaml: true, bytes: { data: [...Buffer.from(text)] } });
  });
});

describe('a command', () => {
  const good = { paymentId: 'p1', amount: '12.5' };

  it('is answered with 201, and with 200 and Idempotency-Hit when it comes again', async () => {
    const first = await send('POST', payments, good);
    expect(first).toMatchObject({ status: 201, json: { platform: 'apibox', ...good, isRead: true } });
    expect(first.headers).not.toHaveProperty('idempotency-hit');
    const again = await send('POST', payments, '{ "amount": "12.5", "paymentId": "p1" }');
    expect(again).toMatchObject({ status: 200, json: first.json, headers: { 'idempotency-hit': 'true' } });
  });

  it('keeps what is absent absent and what is null null', async () => {
    const { json } = await send('POST', payments, { ...good, payer: null });
    expect(json).toEqual({ platform: 'apibox', ...good, payer: null, isRead: true });
  });

  it.each([
    ['a JSON number', 10],
    ['trailing zeros', '10.00'],
    ['a plus sign', '+5'],
    ['leading zeros', '007'],
    ['a negative zero', '-0'],
    ['an exponent', '1e3'],
    ['white space', ' 1'],
    ['a comma', '1,5'],
    ['nothing', ''],
    ['null', null],
    ['an object', {}],
    ['zero', '0'],
    ['less than zero', '-3'],
    ['19 integer digits', '1234567890123456789'],
    ['13 fraction digits', '0.0000000000001'],
  ])('with %s as the amount is refused with 400, whatever else is wrong', async (_name, amount) => {
    expect(refusal(await send('POST', payments, { paymentId: 'p2', amount }))).toEqual([400, 'invalid_amount']);
    const worse = await send('POST', payments, { amount, nonsense: true });
    expect(refusal(worse)).toEqual([400, 'invalid_amount']);
    expect(worse.json['errors']).toHaveLength(3);
  });

  it.each<[string, object, object]>([
    ['without its id', { amount: '1' }, { pointer: '/paymentId', code: 'required' }],
    ['without an amount', { paymentId: 'p' }, { pointer: '/amount', code: 'required' }],
    ['with an empty id', { ...good, paymentId: '' }, { pointer: '/paymentId', code: 'invalid_value' }],
    ['with a long id', { ...good, paymentId: 'x'.repeat(257) }, { pointer: '/paymentId', code: 'too_long' }],
    ['with a control character', { ...good, paymentId: 'a\u0000b' }, { pointer: '/paymentId', code: 'invalid_value' }],
    ['with a number as its id', { ...good, paymentId: 7 }, { pointer: '/paymentId', code: 'invalid_type' }],
    [
      'with a time without a zone',
      { ...good, paidAt: '2026-11-21T10:00:00' },
      { pointer: '/paidAt', code: 'invalid_value' },
    ],
    [
      'with a day that is none',
      { ...good, paidAt: '2026-02-30T10:00:00Z' },
      { pointer: '/paidAt', code: 'invalid_value' },
    ],
    ['with null for what may only be absent', { ...good, paidAt: null }, { pointer: '/paidAt', code: 'invalid_type' }],
    ['with an unknown property', { ...good, 'a/b~c': 1 }, { pointer: '/a~1b~0c', code: 'unknown_property' }],
    [
      'with a property constructor',
      { ...good, constructor: { name: 'x' } },
      { pointer: '/constructor', code: 'unknown_property' },
    ],
    ['with a property toString', { ...good, toString: 1 }, { pointer: '/toString', code: 'unknown_property' }],
    ['with a text for an object', { ...good, payer: 'me' }, { pointer: '/payer', code: 'invalid_type' }],
    ['with a list for an object', { ...good, payer: [] }, { pointer: '/payer', code: 'invalid_type' }],
    ['with an object for a list', { ...good, others: {} }, { pointer: '/others', code: 'invalid_type' }],
    ['with a fault further in', { ...good, payer: {} }, { pointer: '/payer/name', code: 'required' }],
    [
      'with a fault in a list',
      { ...good, others: [{ name: 'a' }, { name: 1 }] },
      { pointer: '/others/1/name', code: 'invalid_type' },
    ],
    ['with null in a list', { ...good, others: [null] }, { pointer: '/others/0', code: 'invalid_type' }],
  ])('%s is refused with a pointer to the fault', async (_name, body, fault) => {
    const answer = await send('POST', payments, body);
    expect(refusal(answer)).toEqual([422, 'invalid_request']);
    expect(answer.json['errors']).toEqual([{ ...fault, detail: expect.any(String) as string }]);
  });

  it('names every fault at once', async () => {
    const { json } = await send('POST', payments, { paidAt: 1, x: 1 });
    expect((json['errors'] as { pointer: string }[]).map(({ pointer }) => pointer).sort()).toEqual([
      '/amount',
      '/paidAt',
      '/paymentId',
      '/x',
    ]);
  });

  it('is refused with a bounded answer, however many faults it has', async () => {
    const body = Object.fromEntries(Array.from({ length: 8_000 }, (_, at) => [`k${at}`, at]));
    expect((await send('POST', payments, body)).json['errors']).toHaveLength(100);
  });
});

describe('a path', () => {
  it.each([
    ['GET', '/nowhere', [404, 'not_found']],
    ['GET', '/v1/platforms/apibox', [404, 'not_found']],
    ['GET', '/v1/platforms/apibox/accounts/', [404, 'not_found']],
    ['POST', '/v1/platforms/Not-One/payments', [404, 'unknown_platform']],
    ['POST', '/v1/platforms/a%00b/payments', [404, 'unknown_platform']],
    ['GET', '/v1/platforms/apibox/accounts/%00', [404, 'unknown_account']],
    ['GET', '/v1/platforms/apibox/accounts/-x', [404, 'unknown_account']],
    ['GET', `/v1/platforms/apibox/accounts/${'a'.repeat(129)}`, [404, 'unknown_account']],
    ['GET', '/v1/platforms/apibox/accounts/..%2f..%2fetc', [404, 'unknown_account']],
    ['PUT', '/v1/platforms/apibox/accounts/-x', [422, 'invalid_request']],
    ['GET', '/v1/platforms/apibox/accounts/%', [400, 'bad_request']],
    ['GET', '/v1/platforms/apibox/accounts/%E0%A4%A', [400, 'bad_request']],
    ['GET', '/v1/platforms/apibox/accounts/%ff', [400, 'bad_request']],
    ['GET', `/v1/platforms/apibox/accounts/${'a'.repeat(3000)}`, [414, 'uri_too_long']],
    ['DELETE', '/v1/platforms/apibox/payments', [405, 'method_not_allowed']],
    ['GET', '/v1/platforms/apibox/payments?x=1', [405, 'method_not_allowed']],
    ['GET', '/v1/platforms/apibox/forgotten', [403, 'forbidden']],
  ] as const)('%s %s is refused', async (method, url, expected) => {
    const body = method === 'POST' ? { paymentId: 'p', amount: '1' } : undefined;
    expect(refusal(await send(method, url, body))).toEqual(expected);
  });

  it('says which methods it takes', async () => {
    expect((await send('DELETE', '/v1/platforms/apibox/accounts/a')).headers).toMatchObject({
      allow: 'GET, HEAD, PUT',
    });
  });

  it('takes an account of 128 characters, percent-encoded or not', async () => {
    const account = 'a'.repeat(128);
    const encoded = account.replaceAll('a', '%61');
    for (const text of [account, encoded]) {
      expect((await send('GET', `/v1/platforms/apibox/accounts/${text}`)).json).toEqual({ account });
    }
  });

  it('refuses a query that names something unknown or the same thing twice', async () => {
    expect((await send('GET', '/v1/platforms/apibox/accounts/a?cursor=7')).json).toEqual({ account: 'a', cursor: '7' });
    for (const query of ['courser=7', 'cursor=7&cursor=8', 'cursor=']) {
      const answer = await send('GET', `/v1/platforms/apibox/accounts/a?${query}`);
      expect(refusal(answer)).toEqual([422, 'invalid_request']);
    }
  });
});

describe('a failure', () => {
  it.each(['error', 'thrown'])(
    'that nobody expected tells nothing and is logged under the request id (%s)',
    async (kind) => {
      const answer = await send('GET', `/v1/platforms/apibox/failures/${kind}`);
      expect(refusal(answer)).toEqual([500, 'internal_error']);
      expect(answer.body).not.toContain('sesame');
      const id = String(answer.headers['x-request-id']);
      expect(answer.json['detail']).toContain(id);
      const logged = lines
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter((line) => line['level'] === 'error');
      expect(logged).toMatchObject([{ requestId: id, method: 'GET' }]);
      expect(JSON.stringify(logged)).toContain('connect failed');
    },
  );

  it('carries its headers and its own members', async () => {
    const busy = await send('GET', '/v1/platforms/apibox/failures/busy');
    expect(refusal(busy)).toEqual([503, 'too_busy']);
    expect(busy.headers).toMatchObject({ 'retry-after': '3' });
    expect((await send('GET', '/v1/platforms/apibox/failures/poor')).json).toMatchObject({
      available: '1',
      required: '2',
    });
  });

  it('has a request id of our own making', async () => {
    const first = await send('GET', '/nowhere', undefined, { 'x-request-id': 'mine' });
    const second = await send('GET', '/nowhere');
    expect(first.headers['x-request-id']).toMatch(/^[\w-]{16}$/);
    expect(first.headers['x-request-id']).not.toBe(second.headers['x-request-id']);
  });
});

describe('what every service shows', () => {
  it('is live', async () => {
    expect(await send('GET', '/health/live')).toMatchObject({ status: 200, json: { status: 'up' } });
  });

  it('is ready while every indicator is up, and lists them all either way', async () => {
    const health = app.get(Health);
    let up = true;
    health.register('store', () => ({ up, detail: 'one event', behind: 1 }));
    expect(await send('GET', '/health/ready')).toMatchObject({ status: 200, json: { status: 'up' } });
    up = false;
    health.register('broken', () => Promise.reject(new Error('Bearer open-sesame')));
    const answer = await send('GET', '/health/ready');
    expect(answer).toMatchObject({
      status: 503,
      json: {
        status: 'down',
        indicators: [
          { name: 'broken', up: false, detail: 'Could not be asked; the log tells why.' },
          { name: 'store', up: false, detail: 'one event', behind: 1 },
        ],
      },
    });
    expect(lines.join('') + answer.body).not.toContain('sesame');
    expect(() => health.register('store', () => ({ up, detail: '' }))).toThrow('two health indicators called store');
  });

  it('counts requests by pattern, and adds up what other threads count', async () => {
    const metrics = app.get(Metrics);
    metrics.counter('charges_total', 'Charges.').inc(2);
    metrics.addSource('charge-loop', async () => [
      {
        name: 'charges_total',
        help: 'Charges.',
        type: 'counter',
        aggregator: 'sum',
        values: [{ value: 5, labels: {} }],
      },
    ]);
    metrics.addSource('dead', () => Promise.reject(new Error('worker is gone')));
    await send('GET', '/v1/platforms/apibox/accounts/acct-777');
    await send('GET', '/metrics');
    const { body, headers } = await send('GET', '/metrics');
    expect(headers['content-type']).toContain('text/plain; version=0.0.4');
    expect(body).toMatch(/^charges_total 7$/m);
    expect(body).toMatch(
      /^http_request_duration_seconds_count\{method="GET",route="\/v1\/platforms\/:platform\/accounts\/:account",status="200"\} [1-9]/m,
    );
    expect(body).toMatch(/^metrics_source_failures_total\{source="dead"\} [1-9]/m);
    expect(body).not.toContain('acct-777');
  });

  it('describes itself as OpenAPI, refusals included', async () => {
    const { status, json } = await send('GET', '/openapi.json');
    expect(status).toBe(200);
    const document = json as {
      paths: Record<string, Record<string, { responses: Record<string, { description: string; content?: object }> }>>;
      components: { schemas: Record<string, unknown> };
    };
    const responses = document.paths['/v1/platforms/{platform}/payments']?.['post']?.responses ?? {};
    expect(Object.keys(responses).sort()).toEqual(['201', '400', '404', '409', '413', '415', '422', '500', '503']);
    expect(responses['400']?.description).toContain('`invalid_amount`');
    expect(responses['400']?.description).toContain('`invalid_json`');
    expect(responses['409']?.description).toContain('`idempotency_conflict`');
    expect(responses['422']?.content).toEqual({
      'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
    });
    expect(document.components.schemas['Payment']).toMatchObject({
      required: ['paymentId', 'amount'],
      properties: {
        amount: { type: 'string', description: 'What was paid.' },
        payer: { anyOf: [{ $ref: '#/components/schemas/Payer' }, { type: 'null' }] },
        others: { type: 'array', items: { $ref: '#/components/schemas/Payer' } },
      },
    });
  });

  it('has a page with the API that loads nothing from elsewhere', async () => {
    const page = await send('GET', '/docs');
    expect(page.status).toBe(200);
    expect(page.body).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(await send('GET', '/docs/swagger-ui-bundle.js')).toMatchObject({ status: 200 });
  });
});

describe('on a real socket', () => {
  const exchange = (port: number, text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(text));
      let answer = '';
      socket.on('data', (chunk) => (answer += chunk.toString()));
      socket.on('close', () => resolve(answer));
      socket.on('error', reject);
    });

  it('answers what is no HTTP, and headers without end, with problems', async () => {
    const listening = await build();
    await listening.listen(0, '127.0.0.1');
    const { port } = listening.getHttpServer().address() as AddressInfo;
    const garbage = await exchange(port, 'GET / HTTP/1.1\r\nno header\r\n\r\n');
    expect(garbage).toMatch(/^HTTP\/1\.1 400 /);
    expect(garbage).toContain('application/problem+json');
    expect(garbage).toContain('"code":"bad_request"');
    const large = await exchange(port, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`);
    expect(large).toContain('"code":"headers_too_large"');
    await listening.close();
  });

  it('is not ready while it stops', async () => {
    const stopping = await build();
    await stopping.init();
    const health = stopping.get(Health);
    expect(await health.readiness()).toEqual({ ready: true, indicators: [] });
    await stopping.close();
    expect(await health.readiness()).toMatchObject({ ready: false, indicators: [{ name: 'process', up: false }] });
  });
});
