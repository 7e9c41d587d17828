import * as fc from 'fast-check';
import { decimal, toText } from '@meterbook/domain/amount/decimal';
import { rate } from '@meterbook/domain/rating/rate';
import { readRulebook } from '@meterbook/domain/rulebook/read-rulebook';
import type { Choices } from '../choices';
import { Findings } from '../findings';
import { rulebookContent } from '../rulebook-content';
import { readLitellm } from './litellm';

const choices: Choices = {
  platform: 'any',
  currency: 'USD',
  rate: decimal('1'),
  scale: 9,
  rounding: 'half-up',
  group: 'default',
  tier: 'default',
  only: [],
  providers: [],
  ids: 'auto',
  thresholds: 'auto',
  tierGaps: 'keep',
  counts: 'inclusive',
  zero: 'keep',
  patterns: 'keep',
  aliases: 'resolve',
  search: 'auto',
  fields: {
    tier: 'service_tier',
    region: 'inference_geo',
    endpoint: 'endpoint',
    residency: 'residency',
    speed: 'speed',
    resolution: 'resolution',
    quality: 'quality',
  },
};

/** Prices in hundred-millionths of a dollar for a token, so that whole numbers are exact. */
type Entry = Readonly<Record<string, number>>;

const kinds = {
  cacheRead: 'cache_read_input_token_cost',
  cacheWrite5m: 'cache_creation_input_token_cost',
  reasoning: 'output_cost_per_reasoning_token',
} as const;
const thresholds = [128, 200];
const tiers = ['priority', 'flex'];
const tieredFields = ['output_cost_per_token', kinds.cacheRead, kinds.cacheWrite5m];

/** An entry with some of all the fields there are; a length counts only where it prices input. */
const entries: fc.Arbitrary<Entry> = fc
  .record({
    lengths: fc.subarray(thresholds),
    tiers: fc.subarray(tiers),
    prices: fc.infiniteStream(fc.option(fc.integer({ min: 1, max: 5_000 }), { nil: undefined })),
    own: fc.infiniteStream(fc.integer({ min: 1, max: 5_000 })),
  })
  .map(({ lengths, tiers: named, prices, own }) => {
    const entry: Record<string, number> = {};
    const maybe = (field: string) => {
      const price = next(prices);
      if (price !== undefined) entry[field] = price;
    };
    const surely = (field: string) => void (entry[field] = next(own));
    surely('input_cost_per_token');
    surely('output_cost_per_token');
    for (const field of Object.values(kinds)) maybe(field);
    for (const tier of named) for (const field of ['input_cost_per_token', ...tieredFields]) maybe(`${field}_${tier}`);
    for (const length of lengths) {
      surely(`input_cost_per_token_above_${length}k_tokens`);
      for (const field of tieredFields) maybe(`${field}_above_${length}k_tokens`);
      for (const tier of named)
        for (const field of ['input_cost_per_token', ...tieredFields])
          maybe(`${field}_above_${length}k_tokens_${tier}`);
    }
    return entry;
  });

function next<T>(endless: Iterator<T>): T {
  const { value } = endless.next() as IteratorYieldResult<T>;
  return value;
}

interface Usage {
  readonly plain: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly text: number;
  readonly reasoning: number;
  readonly tier: string | null;
}

const usages: fc.Arbitrary<Usage> = fc.record({
  plain: fc.integer({ min: 0, max: 260_000 }),
  cacheRead: fc.integer({ min: 0, max: 3_000 }),
  cacheWrite5m: fc.integer({ min: 0, max: 3_000 }),
  text: fc.integer({ min: 0, max: 3_000 }),
  reasoning: fc.integer({ min: 0, max: 3_000 }),
  tier: fc.constantFrom(null, ...tiers),
});

/** What LiteLLM's program makes of it: a field of the tier, else the standard one; the longest length that is exceeded re-prices. */
function litellmCost(entry: Entry, usage: Usage): bigint {
  const { plain, cacheRead, cacheWrite5m, text, reasoning, tier } = usage;
  const suffix = tier === null ? '' : `_${tier}`;
  const prompt = plain + cacheRead + cacheWrite5m;
  const length = [...thresholds]
    .reverse()
    .find((each) => prompt > each * 1000 && entry[`input_cost_per_token_above_${each}k_tokens`] !== undefined);
  const priceOf = (field: string): number => {
    const standard = entry[`${field}${suffix}`] ?? entry[field] ?? 0;
    if (length === undefined) return standard;
    const long = `${field}_above_${length}k_tokens`;
    return entry[`${long}${suffix}`] ?? entry[long] ?? standard;
  };
  const output = priceOf('output_cost_per_token');
  const tierPricesOutput = tier !== null && entry[`output_cost_per_token${suffix}`] !== undefined;
  const ofReasoning = tierPricesOutput ? output : (entry[kinds.reasoning] ?? output);
  const terms = [
    [plain, priceOf('input_cost_per_token')],
    [cacheRead, priceOf(kinds.cacheRead)],
    [cacheWrite5m, priceOf(kinds.cacheWrite5m)],
    [text, output],
    [reasoning, ofReasoning],
  ] as const;
  return terms.reduce((sum, [count, price]) => sum + BigInt(count) * BigInt(price), 0n);
}

describe("an imported entry of LiteLLM's", () => {
  it("costs what LiteLLM's own arithmetic makes of it, to the last digit", () => {
    fc.assert(
      fc.property(entries, fc.array(usages, { minLength: 1, maxLength: 8 }), (entry, requests) => {
        const list = { model: Object.fromEntries(Object.entries(entry).map(([field, price]) => [field, price / 1e8])) };
        const findings = new Findings();
        const { content } = rulebookContent(readLitellm(list, choices, findings), choices, findings);
        const read = readRulebook(content);
        if (read.kind === 'invalid') throw new Error(JSON.stringify(read.faults));
        for (const asked of requests) {
          // A kind that the entry does not price costs nothing there, and what its side costs here.
          const usage = {
            ...asked,
            cacheRead: entry[kinds.cacheRead] === undefined ? 0 : asked.cacheRead,
            cacheWrite5m: entry[kinds.cacheWrite5m] === undefined ? 0 : asked.cacheWrite5m,
          };
          const units = {
            inputTokens: usage.plain + usage.cacheRead + usage.cacheWrite5m,
            outputTokens: usage.text + usage.reasoning,
            cacheReadTokens: usage.cacheRead,
            cacheWrite5mTokens: usage.cacheWrite5m,
            reasoningTokens: usage.reasoning,
          };
          const fields: Record<string, string> = usage.tier === null ? {} : { service_tier: usage.tier };
          const request = { model: 'model', group: null, channel: null, units, fields, at: 0 };
          const rated = rate(read.rulebook, request, { tier: 'default', customMultiplier: null });
          if (rated.kind === 'refused') throw new Error(rated.detail);
          expect(toText(rated.unrounded)).toBe(toText({ coefficient: litellmCost(entry, usage), scale: 8 }));
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
