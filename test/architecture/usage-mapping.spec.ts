import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chargeUsage } from '@meterbook/domain/account/charging/charge';
import { openAccount } from '@meterbook/domain/account/standing/open';
import { given } from '@meterbook/domain/testing/given';
import { nowAt } from '@meterbook/domain/testing/commands';
import { published } from '@meterbook/domain/testing/rulebooks';
import { readUsageRecord } from '@meterbook/messages/usage-event/read-usage-record';
import { tableRows } from './markdown';
import { root } from './planted-tree';

interface Example {
  readonly usage: unknown;
  readonly units: Readonly<Record<string, number>>;
  readonly fields?: Readonly<Record<string, string>>;
  /** Units that the provider's usage does not tell. */
  readonly counted?: readonly string[];
  readonly price: Readonly<Record<string, unknown>>;
  readonly fieldMultipliers?: readonly unknown[];
  readonly amount: string;
}

interface Mapping {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
  readonly examples: readonly Example[];
}

const text = readFileSync(join(root, 'docs/usage-mapping.md'), 'utf8');

/** Each part of the page that has a table, under the titles that lead to it. */
const mappings: readonly Mapping[] = text
  .split(/^(?=##+ )/m)
  .slice(1)
  .map((part) => ({
    title: /^##+ (.*)/.exec(part)?.[1] ?? '',
    rows: tableRows(part),
    examples: [...part.matchAll(/```json\n([^]*?)```/g)].map(([, json = '']) => JSON.parse(json) as Example),
  }))
  .filter(({ rows }) => rows.length > 0);

/** What an expression of the table is of a usage object: paths with `+` and `−` between them, what is missing is 0. */
function numberAt(usage: unknown, expression: string): number {
  const [first = '', ...rest] = expression.replaceAll('`', '').split(/ (?=[+−])/);
  return rest.reduce(
    (sum, term) => sum + (term.startsWith('−') ? -1 : 1) * valueAt(usage, term.slice(2)),
    valueAt(usage, first),
  );
}

function valueAt(usage: unknown, path: string): number {
  const steps = path.split(/\.|(?=\[)/);
  const found = steps.reduce<unknown>(
    (at, step) => (step.startsWith('[') ? listed(at, step) : member(at, step)),
    usage,
  );
  return typeof found === 'number' ? found : 0;
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

/** `[AUDIO]` is the number beside the name in a list such as `[{ modality: "AUDIO", tokenCount: 5 }]`. */
function listed(list: unknown, step: string): unknown {
  const name = step.slice(1, -1);
  const item = (Array.isArray(list) ? (list as object[]) : []).find((each) => Object.values(each).includes(name));
  return Object.values(item ?? {}).find((value) => typeof value === 'number');
}

describe.each(mappings)('the usage of $title', ({ rows, examples }) => {
  it('has an example', () => {
    expect(examples.length).toBeGreaterThan(0);
  });

  it.each(rows.map(([unit = '', expression = '']) => [unit.replaceAll('`', ''), expression] as const))(
    'becomes %s as %s',
    (unit, expression) => {
      for (const { usage, units } of examples)
        expect([unit, units[unit] ?? 0]).toEqual([unit, numberAt(usage, expression)]);
      expect(examples.some(({ usage }) => steps(usage).some((step) => expression.includes(step)))).toBe(true);
    },
  );

  it('becomes nothing but that, and comes to the amount by hand', () => {
    const named = rows.map(([unit = '']) => unit.replaceAll('`', ''));
    for (const { units, fields, counted = [], price, fieldMultipliers = [], amount } of examples) {
      expect(Object.keys(units).filter((unit) => !named.includes(unit) && !counted.includes(unit))).toEqual([]);
      const record = readUsageRecord(
        JSON.stringify({
          specversion: '1.0',
          type: 'usage.recorded',
          source: 'gateway',
          id: 'r1',
          time: '2026-11-21T10:00:00Z',
          platform: 'harbour',
          subject: 'a',
          data: { model: 'one', units, fields: fields ?? {} },
        }),
      );
      if (record.kind !== 'usage') throw new Error(JSON.stringify(record));
      const rules = published({
        rounding: { scale: 9, mode: 'half-up' },
        models: [
          { id: 'one', group: 'default', price: { mode: 'token', ...ofMillion(price), ...price }, fieldMultipliers },
        ],
      });
      const { account } = given().when((none) => openAccount(none, nowAt(0), [rules]));
      expect(chargeUsage(account, [record.usage], [rules]).event?.charges.map((charge) => charge.amount)).toEqual([
        amount,
      ]);
    }
  });
});

function ofMillion({ mode }: Example['price']): object {
  return mode === undefined ? { per: 1_000_000 } : {};
}

/** Every key of a usage object, at any depth. */
function steps(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => [key, ...steps(each)]);
}

describe('the page of usage', () => {
  it('tells of every provider it means to', () => {
    const providers = ['OpenAI', 'Anthropic', 'Gemini', 'Bedrock', 'xAI', 'DeepSeek', 'Mistral', 'Cohere'];
    expect(mappings.map(({ title }) => title)).toEqual(expect.arrayContaining(providers));
    expect(mappings.flatMap(({ rows }) => rows).length).toBeGreaterThan(45);
  });
});
