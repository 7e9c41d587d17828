import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toText } from '../amount/decimal';
import { readRulebook } from '../rulebook/read-rulebook';
import type { Rulebook } from '../rulebook/rulebook';
import { instantMs } from '../time/instant';
import type { Units } from '../usage/usage';
import { rate } from './rate';

interface Quote {
  readonly model: string;
  readonly tier?: string;
  readonly group?: string;
  readonly channel?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly units: Units;
  readonly at?: string;
}

interface Vector {
  readonly name: string;
  readonly quote: Quote;
  readonly expect: Readonly<Record<string, unknown>>;
}

interface VectorFile {
  readonly rating: { readonly rulebook: unknown; readonly vectors: readonly Vector[] };
}

const folder = join(__dirname, '../../../../test/conformance/vectors/rating');
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

/** A quote without a time is of now; these rules have no windows where the time would matter. */
const anyTime = '2026-10-01T12:00:00.000Z';

function load(file: string): VectorFile['rating'] {
  return (JSON.parse(readFileSync(join(folder, file), 'utf8')) as VectorFile).rating;
}

function rulesOf(content: unknown): Rulebook {
  const read = readRulebook(content);
  if (read.kind === 'invalid') throw new Error(JSON.stringify(read.faults));
  return read.rulebook;
}

function quote(rulebook: Rulebook, { model, tier, group, channel, fields, units, at }: Quote) {
  const rated = rate(
    rulebook,
    {
      model,
      group: group ?? null,
      channel: channel ?? null,
      units,
      fields: fields ?? {},
      at: instantMs(at ?? anyTime),
    },
    { tier: tier ?? rulebook.tiers[0].id, customMultiplier: null },
  );
  if (rated.kind === 'refused') return { code: rated.code };
  return {
    amount: toText(rated.amount),
    unrounded: toText(rated.unrounded),
    currency: rulebook.currency,
    tier: rated.tier,
    group: rated.group,
    factors: rated.factors.map(([name, value, source]) => ({ name, value, source })),
  };
}

describe('the conformance vectors of rating', () => {
  it('are all there', () => {
    expect(files.map((file) => [file, load(file).vectors.length])).toEqual([
      ['peers-public-ceil.json', 9],
      ['peers-public-usd.json', 6],
      ['price-lists-11.json', 150],
      ['price-lists-litellm.json', 125],
      ['price-lists.json', 26],
      ['random-7.json', 200],
      ['random-8.json', 200],
      ['rounding-down.json', 6],
      ['rounding-half-even.json', 6],
      ['rounding-half-up.json', 6],
      ['rounding-up.json', 6],
      ['seed0-matrix.json', 10],
      ['seed1-groups.json', 2],
      ['seed4-formulas.json', 19],
    ]);
  });

  describe.each(files)('%s', (file) => {
    const { rulebook: content, vectors } = load(file);
    const rulebook = rulesOf(content);
    it.each(vectors.map((vector) => [vector.name, vector] as const))('%s', (_, vector) => {
      expect(quote(rulebook, vector.quote)).toMatchObject(vector.expect);
    });
  });
});
