import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import Ajv from 'ajv/dist/2020';
import { instantMs } from '@meterbook/domain/time/instant';
import { request, type Answer } from '../support/client';
import { StandaloneProcess } from '../support/standalone-process';

type Members = Readonly<Record<string, unknown>>;

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly example?: string | number;
}

interface Media {
  readonly schema: object;
  readonly example?: unknown;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>;
}

interface Call extends Operation {
  readonly method: string;
  readonly path: string;
}

/** When the examples happen. What is sent is moved to now. */
const EXAMPLES_AT_MS = Date.parse('2026-11-21T10:05:00Z');
const QUARTER_MS = 900_000;
/** How long something may take that happens after an answer. */
const WITHIN_MS = 30_000;
/** What one run has otherwise than another. */
const unpredictable = new Set([
  'secret',
  'authorizationId',
  'rebuildId',
  'position',
  'target',
  'behindMs',
  'events',
  'eventsPerSecond',
  'streams',
  'rows',
  'checksum',
  'headsSha256',
  'progress',
  'state',
  'identical',
  'id',
  'detail',
  'time',
]);

/** The order in which the examples make sense. */
const story = [
  ...['enter', 'checkLiveness', 'publishRulebook', 'validateRulebook', 'viewRulebook', 'listPlatforms'],
  ...['openAccount', 'receiveRecharge', 'grantCredit', 'changeSettings', 'issueKey', 'viewProfile', 'listKeys'],
  ...['quotePrice', 'authorizeRequest', 'releaseAuthorization', 'reportUsage', 'listCharges', 'viewAccount'],
  ...['viewTier', 'reverseCharge'],
  ...[
    'viewStatement',
    'viewTrialBalance',
    ...['viewUsage', 'viewRevenue', 'viewMargin', 'findCharges'],
    ...['viewRecharges', 'viewDeferred', 'viewLiabilities', 'viewReceivables', 'listAccounts'],
    'changeKey',
    'revokeKey',
    'listProjections',
    'rebuildProjection',
    'viewRebuild',
    'verifyBooks',
    ...['listUsageEntries', 'listRevenueEntries', 'listMarginEntries'],
    ...['listRechargesEntries', 'listDeferredEntries', 'listLiabilitiesEntries', 'listReceivablesEntries'],
    'listTrialBalanceEntries',
    ...['closeMonth', 'listClosings', 'viewClosing', 'listLate'],
    'viewReconciliation',
    'listReconciliationItems',
    'makeWhatIf',
    'viewWhatIf',
    'cancelWhatIf',
  ],
  ...['disputeRecharge', 'refundRecharge', 'winDispute', 'loseDispute', 'writeOffReceivable'],
  ...['startSubscription', 'quoteSwitch', 'switchPlan', 'renewSubscription', 'cancelSubscription'],
  ...[
    'registerPlatformWebhook',
    'listPlatformWebhooks',
    'changePlatformWebhook',
    'rotatePlatformWebhook',
    'removePlatformWebhook',
  ],
  ...['registerWebhook', 'listWebhooks', 'changeWebhook', 'rotateWebhook', 'removeWebhook'],
  ...['listDeadLetters', 'redriveDeadLetters', 'redriveDeadLetter', 'dismissDeadLetter'],
];
/**
 * These answer no JSON, or take none, or a document that has a test of its own, or what depends on the parts of a process, or, as withdrawing a
 * version, want another call of the story to be made twice.
 */
const withoutExample = [
  'putReconciliation',
  'withdrawVersion',
  'checkReadiness',
  'readMetrics',
  'exportJournal',
  'describeTopics',
  'describeUsageEvents',
  'describeRulebooks',
  // What is delivered stands in docs/webhooks.md, and is compared with it where webhooks are tested.
  ...['testWebhook', 'listDeliveries', 'resendDelivery'],
  ...['testPlatformWebhook', 'listPlatformDeliveries', 'resendPlatformDelivery'],
];

const isInstant = (value: unknown): value is string => typeof value === 'string' && !Number.isNaN(instantMs(value));
const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** By how much instants are moved from the time of the examples to now: reports ask about quarters of an hour. */
const movedByMs = Math.floor((Date.now() - EXAMPLES_AT_MS) / QUARTER_MS) * QUARTER_MS;

/** The same with every instant moved from the time of the examples to now. */
function moved(value: unknown): unknown {
  if (isInstant(value)) return new Date(instantMs(value) + movedByMs).toISOString();
  if (Array.isArray(value)) return value.map(moved);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, moved(member)]));
}

/** The same with what no two runs have in common replaced by what it is. */
function comparable(value: unknown, key = ''): unknown {
  if (unpredictable.has(key) && (typeof value !== 'object' || value === null)) return `some ${key}`;
  if (isInstant(value)) return 'some instant';
  if (Array.isArray(value)) return value.map((item) => comparable(item));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, comparable(member, name)]));
}

const json = (media: Readonly<Record<string, Media>> | undefined): Media | undefined => media?.['application/json'];

describe('the examples of the API', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-examples-'));
  let service: StandaloneProcess;
  let calls: ReadonlyMap<string, Call>;
  /** Parameters of paths that an earlier answer gave. */
  const given: Record<string, string> = {};
  let ajv: Ajv;

  beforeAll(async () => {
    service = await StandaloneProcess.start(directory, { PRESETS: 'leave' });
    const document = (await request(service.url, 'GET', '/openapi.json')).body;
    const paths = document['paths'] as Readonly<Record<string, Readonly<Record<string, Operation>>>>;
    const all = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ ...operation, path, method: method.toUpperCase() })),
    );
    calls = new Map(all.map((call) => [call.operationId, call]));
    ajv = new Ajv({ strict: false, allErrors: true });
    ajv.addFormat('date-time', isInstant);
    ajv.addFormat('double', true);
    ajv.addSchema({ ...document, $id: 'openapi' });
  });
  afterAll(async () => {
    await service.kill();
    rmSync(directory, { recursive: true });
  });

  const urlOf = ({ path, parameters = [] }: Call): string => {
    const inPath = path.replace(/\{(\w+)\}/g, (_all, name: string) => {
      const example = parameters.find((parameter) => parameter.in === 'path' && parameter.name === name)?.example;
      return encodeURIComponent(given[name] ?? String(example));
    });
    const inQuery = parameters.flatMap(({ name, in: place, example }): [string, string][] =>
      place === 'query' && example !== undefined ? [[name, String(moved(example))]] : [],
    );
    return inQuery.length === 0 ? inPath : `${inPath}?${new URLSearchParams(inQuery).toString()}`;
  };

  /** What of an answer's schema does not hold for it. References of a schema are into the document. */
  const faultsOf = (schema: object, value: unknown): unknown => {
    const inDocument = JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"openapi#/')) as object;
    return ajv.validate(inDocument, value) ? [] : ajv.errors;
  };

  const send = (call: Call): Promise<Answer> => {
    const body = json(call.requestBody?.content)?.example;
    const headers = call.operationId === 'viewProfile' ? { authorization: `Bearer ${given['secret'] ?? ''}` } : {};
    return request(service.url, call.method, urlOf(call), body === undefined ? undefined : moved(body), headers);
  };

  const callOf = (operationId: string): Call => {
    const call = calls.get(operationId);
    if (call) return call;
    throw new Error(`there is no operation ${operationId}`);
  };

  it('are there for every operation', () => {
    expect([...calls.keys()].sort()).toEqual([...story, ...withoutExample].sort());
  });

  it.each(story)('are sent and received: %s', async (operationId) => {
    const call = callOf(operationId);
    const [status, answer] = Object.entries(call.responses).find(
      ([, { content }]) => json(content)?.example !== undefined,
    ) ?? ['204'];
    const media = json(answer?.content);
    await prepare(operationId);
    const deadline = Date.now() + WITHIN_MS;
    for (;;) {
      const received = await send(call);
      const alike = isDeepStrictEqual(comparable(received.body), comparable(media?.example ?? {}));
      // What happens after an answer, such as a charge, is waited for.
      if (call.method === 'GET' && !alike && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 25));
        continue;
      }
      expect([received.status, comparable(received.body)]).toEqual([Number(status), comparable(media?.example ?? {})]);
      expect(media ? faultsOf(media.schema, received.body) : []).toEqual([]);
      expect(media ? faultsOf(media.schema, media.example) : []).toEqual([]);
      remember(operationId, received.body);
      return;
    }
  });

  /** What has to have happened before some examples. */
  async function prepare(operationId: string): Promise<void> {
    if (operationId === 'viewReconciliation') await compareBill();
    if (operationId === 'listDeadLetters') await strayUsage();
    if (operationId === 'registerWebhook') await allowWebhooks();
    if (operationId === 'loseDispute') await disputeAgain();
    if (operationId === 'writeOffReceivable') await useMoreThanThereIs();
  }

  /** The same rulebook as its next version, with webhooks for every tier. */
  async function allowWebhooks(): Promise<void> {
    const call = callOf('publishRulebook');
    const example = json(call.requestBody?.content)?.example as Members;
    const tiers = (example['tiers'] as readonly Members[]).map((tier) => ({ ...tier, webhooks: true }));
    const effectiveFrom = new Date().toISOString();
    const sent = await request(service.url, call.method, urlOf(call), { ...example, tiers, effectiveFrom });
    expect(sent.status).toBe(201);
  }

  /** A bill of one request, compared with what that was booked to have cost. */
  async function compareBill(): Promise<void> {
    const [from, to] = ['2026-11-20T00:00:00.000Z', '2026-11-22T00:00:00.000Z'].map((at) => String(moved(at)));
    const query = `from=${from}&to=${to}&granularity=request&request=id&amount=total&ratio=0.1`;
    const sent = await fetch(`${service.url}${urlOf(callOf('viewReconciliation'))}?${query}`, {
      method: 'PUT',
      headers: { 'content-type': 'text/csv' },
      body: 'id,total\nreq-7f3a,0.05\n',
    });
    expect(sent.status).toBe(201);
  }

  /** A dispute of what the first one left, for the example of one that is lost. */
  async function disputeAgain(): Promise<void> {
    const sent = await request(service.url, 'POST', urlOf(callOf('disputeRecharge')), { disputeId: 'dispute-2' });
    expect(sent.status).toBe(201);
  }

  /** Usage that leaves the account owing 98, for the example of a write-off. */
  async function useMoreThanThereIs(): Promise<void> {
    const example = json(callOf('reportUsage').requestBody?.content)?.example as Members;
    const data = { ...(example['data'] as Members), units: { inputTokens: 0, outputTokens: 1_000_000 } };
    const sent = await request(service.url, 'POST', '/v1/usage', moved({ ...example, id: 'req-9c41', data }));
    expect(sent.status).toBe(202);
    const deadline = Date.now() + WITHIN_MS;
    const owes = async (): Promise<unknown> =>
      (await request(service.url, 'GET', '/v1/platforms/apibox/accounts/acct-42')).body['receivable'];
    while ((await owes()) !== '98' && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 25));
  }

  /** A usage event that cannot be charged, for the examples of dead letters. */
  async function strayUsage(): Promise<void> {
    const example = json(callOf('reportUsage').requestBody?.content)?.example as Members;
    const data = { ...(example['data'] as Members), model: 'gpt-unheard-of' };
    const sent = await request(service.url, 'POST', '/v1/usage', moved({ ...example, id: 'req-8a10', data }));
    expect(sent.status).toBe(202);
  }

  function remember(operationId: string, body: Members): void {
    if (operationId === 'issueKey') given['secret'] = String(body['secret']);
    if (operationId === 'authorizeRequest') given['authorizationId'] = String(body['authorizationId']);
    if (operationId === 'rebuildProjection') given['rebuildId'] = String(body['rebuildId']);
    const [letter] = operationId === 'listDeadLetters' ? (body['items'] as readonly Members[]) : [];
    if (letter) given['id'] = String(letter['id']);
  }
});
