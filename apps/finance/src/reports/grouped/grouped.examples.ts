import type { Example } from '@meterbook/http/openapi/example';
import { moneyExamples } from '../money/money.examples';

const axes = {
  basis: 'booked',
  zone: 'UTC',
  from: '2026-11-20T00:00:00.000Z',
  to: null,
  completeTo: '2026-11-21T10:05:00.000Z',
  final: false,
  currency: 'CNY',
} as const;

const query = { from: '2026-11-20T00:00:00Z', groupBy: 'model' };

/** The one charge was reversed; what its upstream took is not brought back by that. */
const reversedMargin = { charged: '0', cost: '0.048168', margin: '-0.048168' };

const groupedExamples: Readonly<Record<string, Example>> = {
  usage: {
    query,
    status: 200,
    answer: {
      ...axes,
      groupBy: ['model'],
      filters: {},
      cappedLabels: [],
      items: [
        {
          model: 'claude-sonnet',
          charges: 1,
          reversals: 1,
          units: {},
          amount: '0',
          paidBy: { main: '0', backup: '0', wallet: '0', receivable: '0' },
        },
      ],
      totals: {
        charges: 1,
        reversals: 1,
        units: {},
        amount: '0',
        paidBy: { main: '0', backup: '0', wallet: '0', receivable: '0' },
      },
      next: null,
    },
  },
  revenue: {
    query,
    status: 200,
    answer: {
      ...axes,
      groupBy: ['model'],
      filters: {},
      cappedLabels: [],
      items: [],
      totals: { usage: '0', subscriptions: '0', total: '0' },
      next: null,
    },
  },
  margin: {
    query,
    status: 200,
    answer: {
      ...axes,
      groupBy: ['model'],
      filters: {},
      cappedLabels: [],
      items: [{ model: 'claude-sonnet', ...reversedMargin }],
      totals: reversedMargin,
      next: null,
    },
  },
  ...moneyExamples,
};

/** What a report by groups is shown by; its books are those of the other examples. Throws on a report that has none. */
export function groupedExample(report: string): Example {
  const example = groupedExamples[report];
  if (!example) throw new Error(`${report} is shown by no example`);
  return example;
}
