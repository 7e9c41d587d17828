import type { Scope } from '@meterbook/http/auth/principal';

/** Who may call a route: anybody, the holder of an API key, or a token with the scope. */
export type Rule = Scope | 'anybody' | 'api-key';

const PLATFORM = '/v1/platforms/:platform';
const ACCOUNT = `${PLATFORM}/accounts/:account`;

/**
 * Who may call what, as the specification's chapter on security says it, written apart from the routes. The first line that a
 * route begins with counts; a line that ends with `*` is for whatever goes on from there, any other for that route alone.
 */
const rules: readonly (readonly [Rule, readonly string[]])[] = [
  [
    'anybody',
    [
      ...['GET /', 'GET /asyncapi.json', 'GET /openapi.json', 'GET /docs*', 'GET /schemas/*'],
      ...['GET /health/live', 'GET /health/ready', 'GET /metrics'],
    ],
  ],
  ['api-key', ['GET /api/auth/me']],
  ['usage:write', ['POST /v1/usage']],
  ['access:write', [`POST ${ACCOUNT}/authorizations`, `DELETE ${ACCOUNT}/authorizations/*`]],
  [
    'admin',
    [
      ...['POST /v1/dead-letters/*', 'POST /v1/projections/*', 'POST /v1/verify'],
      ...['GET', 'POST', 'PATCH', 'DELETE'].map((method) => `${method} ${PLATFORM}/webhooks*`),
    ],
  ],
  ['rulebook:write', [`PUT ${PLATFORM}/rulebook`, `DELETE ${PLATFORM}/rulebook/versions/*`]],
  [
    'finance:write',
    [
      `POST ${PLATFORM}/finance/closings`,
      `POST ${PLATFORM}/finance/what-ifs`,
      `DELETE ${PLATFORM}/finance/what-ifs/*`,
      `PUT ${PLATFORM}/finance/reconciliations/*`,
    ],
  ],
  [
    'finance:read',
    [
      `GET ${PLATFORM}/finance/*`,
      `GET ${PLATFORM}/accounts`,
      `GET ${ACCOUNT}/statement`,
      'GET /v1/projections',
      'GET /v1/projections/*',
    ],
  ],
  // Whoever may register webhooks may read them, and nobody else.
  ['ledger:write', ['GET', 'POST', 'PATCH', 'DELETE'].map((method) => `${method} ${ACCOUNT}/webhooks*`)],
  [
    'ledger:read',
    [
      ...['GET /v1/platforms', 'GET /v1/dead-letters', `GET ${PLATFORM}/rulebook`],
      ...[`POST ${PLATFORM}/rulebook/validate`, `POST ${PLATFORM}/quotes`],
      ...[`GET ${ACCOUNT}`, `GET ${ACCOUNT}/charges`, `GET ${ACCOUNT}/keys`, `GET ${ACCOUNT}/tier`],
      `GET ${ACCOUNT}/subscription/switch-quote`,
    ],
  ],
  [
    'ledger:write',
    [
      `POST ${PLATFORM}/accounts`,
      `PATCH ${ACCOUNT}`,
      ...['charges/reversals', 'grants', 'recharges', 'write-offs'].map((command) => `POST ${ACCOUNT}/${command}`),
      ...['refund', 'disputes', 'disputes/:disputeId/lost', 'disputes/:disputeId/won'].map(
        (command) => `POST ${ACCOUNT}/recharges/:rechargeId/${command}`,
      ),
      ...[`POST ${ACCOUNT}/keys`, `PATCH ${ACCOUNT}/keys/:keyId`, `DELETE ${ACCOUNT}/keys/:keyId`],
      ...['POST', 'DELETE'].map((method) => `${method} ${ACCOUNT}/subscription`),
      ...['renewals', 'switch'].map((command) => `POST ${ACCOUNT}/subscription/${command}`),
    ],
  ],
];

/** Routes without a platform in their path that a token with a limit to platforms may call: the handler keeps to its limit. */
const limitedInHandler = ['GET /v1/platforms', 'GET /v1/dead-letters', 'POST /v1/dead-letters/*', 'POST /v1/usage'];

const holdsFor = (line: string, route: string): boolean =>
  line.endsWith('*') ? route.startsWith(line.slice(0, -1)) : route === line;

/** A method and a pattern; HEAD is as GET. */
const named = (method: string, pattern: string): string => `${method === 'HEAD' ? 'GET' : method} ${pattern}`;

/** Who may call a route; undefined where nobody has said so. */
export const ruleOf = (method: string, pattern: string): Rule | undefined =>
  rules.find(([, lines]) => lines.some((line) => holdsFor(line, named(method, pattern))))?.[0];

/** Whether a token with a limit to the platform of the path may call it, or to any platform where the path has none. */
export const opensWithLimit = (method: string, pattern: string): boolean =>
  pattern.includes('/:platform') || limitedInHandler.some((line) => holdsFor(line, named(method, pattern)));
