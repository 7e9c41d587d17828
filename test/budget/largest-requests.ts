import type { LargeRequest } from './large-request';
import { largestOfClosings } from './largest-of-closings';
import { largestMoneyReports } from './largest-money-reports';

/** What the requests of a run need to know of the books. */
export interface Known {
  readonly deadLetter: string;
  readonly rebuildId: string;
}

type Make = (round: number, known: Known) => LargeRequest;

const root = '/v1/platforms/budget';
const busy = `${root}/accounts/busy`;
const later = '2026-01-02T00:00:00.000Z';
const mebibyte = 1024 * 1024;
/** Usages of one batch, and what of its 5 MiB each may take. */
const batch = 1000;
const fieldBytes = 1000;
const fieldsOfUsage = 4;
/** What a text of a command may be long. */
const longText = 'ä'.repeat(100);
/** Models of the rulebook that fills its body; and its whole body, in bytes. */
const models = 9000;
/** Requests of a bill: some megabytes of it. */
const billRows = 300_000;
const rulebookBytes = 4 * mebibyte - 64 * 1024;

const json = (path: string, body: unknown, ...status: number[]): LargeRequest => ({
  path,
  body: JSON.stringify(body),
  contentType: 'application/json',
  status,
});
const read = (path: string, accept?: string): LargeRequest => ({ path, status: [200], ...(accept && { accept }) });

function usage(round: number): unknown[] {
  const fields = Object.fromEntries(
    Array.from({ length: fieldsOfUsage }, (_, i) => [`field${i}`, '"'.repeat(fieldBytes / 2)]),
  );
  return Array.from({ length: batch }, (_, i) => ({
    specversion: '1.0',
    type: 'usage.recorded',
    source: 'large',
    id: `${round}-${i}`,
    time: new Date().toISOString(),
    platform: 'budget',
    subject: `a${i}`,
    data: { model: 'call', units: { requests: 1 }, fields },
  }));
}

/** So many recharges are made at least while recharges are measured; refunds are of these. */
const RECHARGES_MADE = 20;

/** A rulebook of many models that fills the body. */
function rulebook(round: number): unknown {
  const model = (i: number): object => ({
    id: `model-${round}-${i}-${'x'.repeat(Math.floor(rulebookBytes / models) - 120)}`.slice(0, 250),
    group: 'default',
    price: { mode: 'request', unit: '0.000001' },
    fieldMultipliers: [{ field: 'priority', equals: 'high', multiplier: '1.5' }],
  });
  return { ...smallRulebook('large'), models: Array.from({ length: models }, (_, i) => model(i)) };
}

export function smallRulebook(platform: string): object {
  return {
    platform,
    currency: 'USD',
    effectiveFrom: '2025-01-01T00:00:00.000Z',
    tiers: [{ id: 'default', rank: 1 }],
    groups: [{ id: 'default', models: ['*'] }],
    providers: { manual: {} },
    creditsPerUnit: '100',
    plans: [
      { id: 'basic', price: '1', baseCredits: '10', backup: '3', models: ['*'] },
      { id: 'more', price: '2', baseCredits: '20', backup: '3', models: ['*'] },
    ],
    models: [{ id: 'call', group: 'default', price: { mode: 'request', unit: '0.000001' } }],
  };
}

/** Many keys on one level: what a reader of YAML takes longest for. */
const manyKeys = (bytes: number): string => {
  let text = '';
  for (let i = 0; text.length < bytes; i++) text += `k${i}: ${i}\n`;
  return text;
};

const yaml = (path: string, body: string, ...status: number[]): LargeRequest => ({
  path,
  body,
  contentType: 'application/yaml',
  status,
});

/** For each route the requests that ask most of it; a route that is not here fails the test. */
export const largestRequests: Readonly<Record<string, readonly Make[]>> = {
  ...largestOfClosings,
  'GET /': [() => read('/')],
  // Of a well-formed key that nobody has, so that it waits for the index too.
  'GET /api/auth/me': [() => ({ path: '/api/auth/me', bearer: `mb_${'x'.repeat(43)}`, status: [401, 503] })],
  'GET /asyncapi.json': [() => read('/asyncapi.json')],
  'GET /schemas/usage-event.json': [() => read('/schemas/usage-event.json')],
  'GET /schemas/rulebook.json': [() => read('/schemas/rulebook.json')],
  'GET /health/live': [() => read('/health/live')],
  'GET /health/ready': [() => ({ path: '/health/ready', status: [200, 503] })],
  'GET /metrics': [() => read('/metrics')],
  'GET /v1/platforms': [() => read('/v1/platforms?limit=1000')],
  'POST /v1/usage': [(round) => ({ ...json('/v1/usage', usage(round), 202, 503), once: true })],
  'PUT /v1/platforms/{platform}/rulebook': [
    (round) => ({ ...json('/v1/platforms/large/rulebook', rulebook(round), 201, 200, 413, 422, 503), once: true }),
    () => yaml(`${root}/rulebook`, manyKeys(300_000), 400, 413, 422, 503),
    () => yaml(`${root}/rulebook`, manyKeys(4 * mebibyte - 100), 400, 413, 422, 503),
  ],
  'GET /v1/platforms/{platform}/rulebook': [
    () => read(`${root}/rulebook`),
    () => ({ path: '/v1/platforms/large/rulebook', status: [200, 404] }),
  ],
  'DELETE /v1/platforms/{platform}/rulebook/versions/{version}': [
    () => ({ path: `${root}/rulebook/versions/1`, status: [409] }),
    () => ({ path: '/v1/platforms/large/rulebook/versions/1', status: [404, 409] }),
  ],
  'POST /v1/platforms/{platform}/rulebook/validate': [
    (round) => json(`${root}/rulebook/validate`, { ...(rulebook(round) as object), platform: 'budget' }, 200, 413, 503),
    () =>
      json(
        `${root}/rulebook/validate`,
        { models: Array.from({ length: 190_000 }, () => ({ a: 1, b: 2 })) },
        200,
        413,
        503,
      ),
    () => yaml(`${root}/rulebook/validate`, manyKeys(4 * mebibyte - 100), 200, 400, 413, 422, 503),
  ],
  'POST /v1/platforms/{platform}/quotes': [
    () => json(`${root}/quotes`, { model: 'call', account: 'busy', units: { requests: 1_000_000 } }, 200),
  ],
  'POST /v1/platforms/{platform}/accounts': [
    (round) => json(`${root}/accounts`, { account: `new-${round}` }, 201, 200),
    () => json(`${root}/accounts`, { account: 'busy' }, 200),
  ],
  'GET /v1/platforms/{platform}/accounts/{account}': [
    () => read(busy),
    () => read(`${busy}?asOf=${new Date(Date.now() - 1000).toISOString()}`),
    () => read(`${busy}?asOf=${later}`),
  ],
  'PATCH /v1/platforms/{platform}/accounts/{account}': [
    (round) => json(busy, { customMultiplier: `1.${round}1`, limits: { requestsPerDay: round } }, 200),
  ],
  'POST /v1/platforms/{platform}/accounts/{account}/authorizations': [
    (round) =>
      json(
        `${busy}/authorizations`,
        { requestId: `ask-${round}`, model: 'call', fields: { priority: longText }, units: { requests: 1 } },
        ...[201, 200, 402, 429],
      ),
  ],
  'DELETE /v1/platforms/{platform}/accounts/{account}/authorizations/{authorizationId}': [
    (round) => ({ path: `${busy}/authorizations/auth_${round}_mwq8mpm8_Gk3nT0rQx7V`, status: [404] }),
  ],
  'POST /v1/platforms/{platform}/accounts/{account}/recharges': [
    (round) =>
      json(
        `${busy}/recharges`,
        { rechargeId: `big-${round}`, provider: 'manual', amount: '1', currency: 'USD' },
        201,
        200,
      ),
  ],
  'POST /v1/platforms/{platform}/accounts/{account}/recharges/{rechargeId}/refund': [
    (round) =>
      json(`${busy}/recharges/big-${round % RECHARGES_MADE}/refund`, { refundId: `back-${round}` }, 201, 200, 422),
    (round) => json(`${busy}/recharges/nobody-knows/refund`, { refundId: `unknown-${round}` }, 404),
  ],
  'POST /v1/platforms/{platform}/accounts/{account}/recharges/{rechargeId}/disputes': [
    (round) => json(`${busy}/recharges/big-${round}/disputes`, { disputeId: `d-${round}` }, 201, 200, 404, 422),
  ],
  'POST /v1/platforms/{platform}/accounts/{account}/recharges/{rechargeId}/disputes/{disputeId}/won': [
    (round) => json(`${busy}/recharges/big-${round}/disputes/nobody-knows/won`, {}, 404),
  ],
  'POST /v1/platforms/{platform}/accounts/{account}/recharges/{rechargeId}/disputes/{disputeId}/lost': [
    (round) => json(`${busy}/recharges/big-${round}/disputes/d-${round}/lost`, { fee: '1' }, 201, 200, 404, 409),
  ],
  'POST /v1/platforms/{platform}/accounts/{account}/write-offs': [
    (round) => json(`${busy}/write-offs`, { writeOffId: `w-${round}`, amount: '1', reason: longText }, 201, 200, 422),
  ],
  'POST /v1/platforms/{platform}/accounts/{account}/subscription': [
    (round) =>
      json(
        `${busy}/subscription`,
        { paymentRef: `start-${round}`, plan: 'basic', kind: 'auto-renew', provider: 'manual' },
        201,
        200,
        409,
      ),
  ],
  'POST /v1/platforms/{platform}/accounts/{account}/subscription/renewals': [
    (round) =>
      json(`${busy}/subscription/renewals`, { paymentRef: `renew-${round}`, provider: 'manual' }, 201, 200, 409),
  ],
  'GET /v1/platforms/{platform}/accounts/{account}/subscription/switch-quote': [
    () => ({ path: `${busy}/subscription/switch-quote?plan=more`, status: [200, 409] }),
  ],
  'POST /v1/platforms/{platform}/accounts/{account}/subscription/switch': [
    (round) =>
      json(
        `${busy}/subscription/switch`,
        { paymentRef: `switch-${round}`, plan: round % 2 === 0 ? 'more' : 'basic', provider: 'manual' },
        201,
        200,
        409,
      ),
  ],
  'DELETE /v1/platforms/{platform}/accounts/{account}/subscription': [
    () => ({ path: `${busy}/subscription`, status: [200, 409] }),
  ],
  'POST /v1/platforms/{platform}/accounts/{account}/grants': [
    (round) => json(`${busy}/grants`, { grantId: `g-${round}`, amount: '0.5', reason: longText }, 201, 200),
  ],
  'POST /v1/platforms/{platform}/accounts/{account}/keys': [
    (round) => json(`${busy}/keys`, { keyId: `key-${round}`, name: longText }, 201, 200),
  ],
  'GET /v1/platforms/{platform}/accounts/{account}/keys': [() => read(`${busy}/keys?limit=1000`)],
  'PATCH /v1/platforms/{platform}/accounts/{account}/keys/{keyId}': [
    (round) => json(`${busy}/keys/key-0`, { group: round % 2 === 0 ? 'default' : null }, 200),
  ],
  'DELETE /v1/platforms/{platform}/accounts/{account}/keys/{keyId}': [
    () => ({ path: `${busy}/keys/key-0`, status: [204] }),
  ],
  'POST /v1/platforms/{platform}/accounts/{account}/charges/reversals': [
    (round) => json(`${busy}/charges/reversals`, reversal(`known-${round}`, `req-${round}`), 201, 200),
    (round) => json(`${busy}/charges/reversals`, reversal(`unknown-${round}`, 'nobody-knows'), 404),
  ],
  'GET /v1/platforms/{platform}/accounts/{account}/charges': [
    () => read(`${busy}/charges`),
    () => read(`${busy}/charges?limit=1000`),
    () => read(`${busy}/charges?source=gateway&id=req-1`),
    () => read(`${busy}/charges?source=gateway&id=nobody-knows`),
    () => read(`${busy}/charges?model=nobody-knows`),
    () => read(`${busy}/charges?from=2026-01-01T00:00:00Z&to=2026-01-01T00:01:00Z`),
  ],
  'GET /v1/dead-letters': [
    () => read('/v1/dead-letters?limit=1000'),
    () => read('/v1/dead-letters?platform=budget&reason=unknown_model'),
    () => read('/v1/dead-letters?platform=budget&reason=malformed'),
    () => read('/v1/dead-letters?reason=id_conflict'),
    () => read('/v1/dead-letters?groupBy=reason,model'),
    () => read('/v1/dead-letters?groupBy=reason,model&platform=budget'),
  ],
  'POST /v1/dead-letters/redrive': [() => ({ ...json('/v1/dead-letters/redrive', {}, 202, 503), once: true })],
  'POST /v1/dead-letters/{id}/dismiss': [
    () => json('/v1/dead-letters/usage.recorded-0-999999999/dismiss', { reason: longText }, 404),
  ],
  'POST /v1/dead-letters/{id}/redrive': [
    (_round, { deadLetter }) => ({ path: `/v1/dead-letters/${deadLetter}/redrive`, status: [202, 200], once: true }),
    () => ({ path: '/v1/dead-letters/usage.recorded-0-999999999/redrive', status: [404] }),
  ],
  'GET /v1/platforms/{platform}/accounts/{account}/tier': [() => read(`${busy}/tier`)],
  'GET /v1/platforms/{platform}/finance/trial-balance': [
    () => read(`${root}/finance/trial-balance`),
    () => read(`${root}/finance/trial-balance?rollup=control`),
    () => read(`${root}/finance/trial-balance?asOf=${later}`),
    () => read(`${root}/finance/trial-balance`, 'text/csv'),
  ],
  'GET /v1/platforms/{platform}/finance/charges': [
    () => read(`${root}/finance/charges?id=nobody-knows`),
    () => read(`${root}/finance/charges?format=focus`),
  ],
  'GET /v1/platforms/{platform}/finance/usage': [
    () => read(`${root}/finance/usage?groupBy=day,model&limit=1000`),
    () => read(`${root}/finance/usage?groupBy=account,apiKey,day&basis=occurred&zone=Asia/Shanghai&limit=1000`),
    () => read(`${root}/finance/usage?groupBy=account`, 'text/csv'),
  ],
  'GET /v1/platforms/{platform}/finance/revenue': [
    () => read(`${root}/finance/revenue?groupBy=day,model&limit=1000`),
    () => read(`${root}/finance/revenue?groupBy=account,apiKey,day&basis=occurred&zone=Asia/Shanghai&limit=1000`),
    () => read(`${root}/finance/revenue?groupBy=account`, 'text/csv'),
  ],
  'GET /v1/platforms/{platform}/finance/margin': [
    () => read(`${root}/finance/margin?groupBy=day,model&limit=1000`),
    () => read(`${root}/finance/margin?groupBy=account,apiKey,day&basis=occurred&zone=Asia/Shanghai&limit=1000`),
    () => read(`${root}/finance/margin?groupBy=account`, 'text/csv'),
  ],
  ...largestMoneyReports,
  'GET /v1/platforms/{platform}/accounts/{account}/statement': [
    () => read(`${busy}/statement?limit=1000`),
    () => read(`${busy}/statement?from=2026-01-11T00:00:00Z&to=2026-01-11T01:00:00Z&limit=1000`),
    () => read(`${busy}/statement`, 'text/csv'),
  ],
  ...webhookRequests('/accounts/{account}/webhooks', `${busy}/webhooks`),
  ...webhookRequests('/webhooks', `${root}/webhooks`),
  'POST /v1/platforms/{platform}/finance/what-ifs': [
    (round) => ({ ...json(`${root}/finance/what-ifs`, whatIf(round), 202, 200, 413, 422, 503), once: true }),
    (round) => json(`${root}/finance/what-ifs`, { ...whatIf(round), rulebook: { a: 1 } }, 422),
  ],
  'GET /v1/platforms/{platform}/finance/what-ifs/{whatIfId}': [
    () => ({ path: `${root}/finance/what-ifs/what-if-0?limit=1000`, status: [200, 404] }),
  ],
  'DELETE /v1/platforms/{platform}/finance/what-ifs/{whatIfId}': [
    () => ({ path: `${root}/finance/what-ifs/nobody-knows`, status: [404] }),
  ],
  'PUT /v1/platforms/{platform}/finance/reconciliations/{reconciliationId}': [
    (round) => ({
      path: `${root}/finance/reconciliations/bill-${round}?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z&granularity=request&request=id&amount=total`,
      body: bill(billRows),
      contentType: 'text/csv',
      status: [201, 200, 503],
      once: true,
    }),
  ],
  'GET /v1/platforms/{platform}/finance/reconciliations/{reconciliationId}': [
    () => ({ path: `${root}/finance/reconciliations/bill-0`, status: [200, 404] }),
  ],
  'GET /v1/platforms/{platform}/finance/reconciliations/{reconciliationId}/items': [
    () => ({ path: `${root}/finance/reconciliations/bill-0/items?limit=1000`, status: [200, 404, 410] }),
  ],
  'GET /v1/projections': [() => read('/v1/projections')],
  'POST /v1/projections/{name}/rebuild': [
    () => ({ path: '/v1/projections/trial-balance/rebuild', status: [202], once: true }),
  ],
  'GET /v1/projections/{name}/rebuilds/{rebuildId}': [
    (_round, { rebuildId }) => read(`/v1/projections/trial-balance/rebuilds/${rebuildId}`),
  ],
  'POST /v1/verify': [() => ({ ...json('/v1/verify', {}, 200), once: true })],
};

/** The routes of an account's webhooks, and the same of a platform's. */
function webhookRequests(route: string, path: string): Readonly<Record<string, readonly Make[]>> {
  const at = `/v1/platforms/{platform}${route}`;
  const url = `https://hooks.example.com/${'x'.repeat(2000)}`;
  const events = ['usage.charged', 'wallet.low', 'subscription.expiring'];
  return {
    [`POST ${at}`]: [
      (round) => json(path, { webhookId: `hook-${round}`, url, events, threshold: '1' }, 201, 200, 403, 422),
      () => json(path, { webhookId: 'inside', url: 'https://10.0.0.1/', events }, 403, 422),
    ],
    [`GET ${at}`]: [() => read(`${path}?limit=1000`)],
    [`PATCH ${at}/{webhookId}`]: [(round) => json(`${path}/hook-0`, { enabled: round % 2 === 0 }, 200, 404)],
    [`DELETE ${at}/{webhookId}`]: [() => ({ path: `${path}/hook-1`, status: [204, 404] })],
    [`POST ${at}/{webhookId}/rotate`]: [
      (round) => json(`${path}/hook-0/rotate`, { requestId: `rotation-${round}` }, 201, 200, 404),
    ],
    [`POST ${at}/{webhookId}/test`]: [() => ({ path: `${path}/hook-0/test`, status: [202, 403, 404, 503] })],
    [`GET ${at}/{webhookId}/deliveries`]: [
      () => ({ path: `${path}/hook-0/deliveries?limit=1000`, status: [200, 404] }),
    ],
    [`POST ${at}/{webhookId}/deliveries/{deliveryId}/resend`]: [
      () => ({ path: `${path}/hook-0/deliveries/nobody-knows/resend`, status: [404] }),
    ],
  };
}

/** A bill of so many requests, some of which were made. */
function bill(rows: number): string {
  return `id,total\n${Array.from({ length: rows }, (_, i) => `req-${i},0.0${i % 7}\n`).join('')}`;
}

function whatIf(round: number): object {
  const groupBy = ['account', 'day', 'model'];
  const supposed = { ...(rulebook(round) as object), platform: 'budget' };
  return { whatIfId: `what-if-${round}`, from: '2026-01-01T00:00:00Z', groupBy, rulebook: supposed };
}

function reversal(reversalId: string, id: string): object {
  return { reversalId, source: 'gateway', id, reason: longText };
}

/** A body of nothing but members, for every route that takes one: it is refused, and must not take long to be. */
export function fullOfMembers(mostBytes: number): string {
  const members: string[] = [];
  for (let bytes = 2; bytes < mostBytes - 40; bytes += members.at(-1)?.length ?? 0)
    members.push(`,"k${members.length}":${members.length}`);
  return `{${members.join('').slice(1)}}`;
}
