import type { LargeRequest } from './large-request';

const root = '/v1/platforms/budget';

const json = (path: string, body: unknown, ...status: number[]): LargeRequest => ({
  path,
  body: JSON.stringify(body),
  contentType: 'application/json',
  status,
});
const read = (path: string): LargeRequest => ({ path, status: [200] });

/** The requests that ask most of closings, of the journal and of what the cells of reports are made of. */
export const largestOfClosings: Readonly<Record<string, readonly ((round: number) => LargeRequest)[]>> = {
  'GET /v1/platforms/{platform}/finance/journal': [
    () => read(`${root}/finance/journal`),
    () => read(`${root}/finance/journal?format=hledger&basis=occurred&zone=Asia/Shanghai`),
    () => read(`${root}/finance/journal?from=2026-01-11T00:00:00Z&to=2026-01-11T01:00:00Z`),
  ],
  'POST /v1/platforms/{platform}/finance/closings': [
    (round) => ({
      ...json(`${root}/finance/closings`, { closingId: `c-${round}`, period: '2025-12' }, 201, 503),
      once: true,
    }),
    () => json(`${root}/finance/closings`, { closingId: 'open', period: '2199-12' }, 422),
  ],
  'GET /v1/platforms/{platform}/finance/closings': [() => read(`${root}/finance/closings?limit=1000`)],
  'GET /v1/platforms/{platform}/finance/closings/{closingId}': [
    () => ({ path: `${root}/finance/closings/c-0`, status: [200, 404] }),
    () => ({ path: `${root}/finance/closings/nobody-knows`, status: [404] }),
  ],
  'GET /v1/platforms/{platform}/finance/closings/{closingId}/late': [
    () => ({ path: `${root}/finance/closings/c-0/late?limit=1000`, status: [200, 404] }),
  ],
  'GET /v1/platforms/{platform}/finance/usage/entries': [
    () => read(`${root}/finance/usage/entries?limit=1000`),
    () => read(`${root}/finance/usage/entries?basis=occurred&model=nobody-knows`),
  ],
  'GET /v1/platforms/{platform}/finance/revenue/entries': [
    () => read(`${root}/finance/revenue/entries?limit=1000`),
    () => read(`${root}/finance/revenue/entries?basis=occurred&model=nobody-knows`),
  ],
  'GET /v1/platforms/{platform}/finance/margin/entries': [
    () => read(`${root}/finance/margin/entries?limit=1000`),
    () => read(`${root}/finance/margin/entries?basis=occurred&model=nobody-knows`),
  ],
  'GET /v1/platforms/{platform}/finance/recharges/entries': [
    () => read(`${root}/finance/recharges/entries?limit=1000`),
    () => read(`${root}/finance/recharges/entries?basis=occurred&account=nobody`),
  ],
  'GET /v1/platforms/{platform}/finance/deferred/entries': [
    () => read(`${root}/finance/deferred/entries?limit=1000`),
    () => read(`${root}/finance/deferred/entries?basis=occurred&account=nobody`),
  ],
  'GET /v1/platforms/{platform}/finance/liabilities/entries': [
    () => read(`${root}/finance/liabilities/entries?limit=1000`),
    () => read(`${root}/finance/liabilities/entries?basis=occurred&account=nobody`),
  ],
  'GET /v1/platforms/{platform}/finance/receivables/entries': [
    () => read(`${root}/finance/receivables/entries?limit=1000`),
    () => read(`${root}/finance/receivables/entries?basis=occurred&account=nobody`),
  ],
  'GET /v1/platforms/{platform}/finance/trial-balance/entries': [
    () => read(`${root}/finance/trial-balance/entries?ledgerAccount=revenue:usage&commodity=USD&limit=1000`),
    () => read(`${root}/finance/trial-balance/entries?ledgerAccount=liabilities:wallet:*&commodity=USD&basis=occurred`),
  ],
};
