import type { LargeRequest } from './large-request';

/** What asks most of each report of money: all accounts, by the time that is not the order of the store, and all of it as CSV. */
const groups = {
  recharges: 'account,day&zone=Asia/Shanghai',
  deferred: 'account,plan',
  liabilities: 'account',
  receivables: 'account',
} as const;

export const largestMoneyReports: Readonly<Record<string, readonly (() => LargeRequest)[]>> = {
  'GET /v1/platforms/{platform}/accounts': [
    () => ({ path: '/v1/platforms/budget/accounts?limit=1000', status: [200] }),
    () => ({ path: '/v1/platforms/budget/accounts?owing=true&limit=1000', status: [200] }),
  ],
  ...Object.fromEntries(
    Object.entries(groups).map(([report, groupBy]) => {
      const path = `/v1/platforms/budget/finance/${report}`;
      return [
        `GET /v1/platforms/{platform}/finance/${report}`,
        [
          () => ({ path: `${path}?groupBy=${groupBy}&basis=occurred&limit=1000`, status: [200] }),
          () => ({ path: `${path}?groupBy=account`, accept: 'text/csv', status: [200] }),
        ],
      ];
    }),
  ),
};
