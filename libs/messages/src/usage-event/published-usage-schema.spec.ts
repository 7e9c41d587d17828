import Ajv from 'ajv';
import { instantMs } from '@meterbook/domain/time/instant';
import { isPlainObject } from '../reading/value-check';
import { publishedUsageSchema } from './published-usage-schema';
import { unitCheckOf, usageChecks, usageShapes } from './usage-checks';
import { usageExample } from './usage-example';
import { isUsageEvent } from './usage-schema';

const example = {
  ...usageExample,
  data: {
    ...usageExample.data,
    group: 'vip',
    authorizationId: null,
    upstreamCost: '0.5',
    units: { inputTokens: 1200, seconds: '1.5', count: 3 },
    fields: { priority: 'priority' },
  },
  datacontenttype: 'application/json',
  dataschema: '',
  traceparent: null,
  tracestate: 'a=b',
};

const ajv = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false });
ajv.addFormat('date-time', (text) => !Number.isNaN(instantMs(text)));
const fits = ajv.compile(publishedUsageSchema());

const members = (count: number, value: unknown): unknown =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, value]));

const others: readonly unknown[] = [
  ...[null, true, [], {}, '', 'x', 'A/b', '1.5', '1.50', '-1', -1, 1.5, 7, 1e12, 1e12 + 1],
  ...[128, 129, 256, 257, 1024, 1025, 2048, 2049].map((length) => 'a'.repeat(length)),
  ...[members(32, 'v'), members(33, 'v'), members(64, 1), members(65, 1)],
  ...[{ 'a b': 1 }, { inputTokens: '1' }, { constructor: 1 }, { x: null }, { x: 'v' }],
];

/** The value with each member replaced by each of the others, left out, and joined by one that is unknown. */
function* changed(value: unknown): Generator {
  yield* others;
  if (!isPlainObject(value)) return;
  yield { ...value, surprise: 1 };
  for (const [key, member] of Object.entries(value)) {
    yield Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
    for (const other of changed(member)) yield { ...value, [key]: other };
  }
}

/** Whether it is taken where it comes in: a number with a fraction is read from the topic only. */
function isTaken(event: unknown): boolean {
  if (!isUsageEvent(event)) return false;
  return Object.entries(event.data.units).every(([name, value]) => unitCheckOf(name)(value) === undefined);
}

describe('the published schema of usage', () => {
  it('takes and refuses what is taken and refused here, whatever is changed about an event', () => {
    let [taken, refused] = [0, 0];
    for (const event of changed(example)) {
      expect([event, fits(event)]).toEqual([event, isTaken(event)]);
      if (isTaken(event)) taken += 1;
      else refused += 1;
    }
    expect(taken).toBeGreaterThan(50);
    expect(refused).toBeGreaterThan(300);
  });

  it('takes the example, and has a shape for each check', () => {
    expect(fits(example)).toBe(true);
    expect(Object.keys(usageShapes).sort()).toEqual(Object.keys(usageChecks).sort());
    expect(JSON.stringify(publishedUsageSchema())).not.toContain('"check"');
  });
});
