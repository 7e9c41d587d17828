import type { Decimal } from '@meterbook/domain/amount/decimal';
import { rate } from '@meterbook/domain/rating/rate';
import type { Price } from '@meterbook/domain/rulebook/price';
import type { Rulebook } from '@meterbook/domain/rulebook/rulebook';
import type { Units } from '@meterbook/domain/usage/usage';

/** What one request uses where nobody says what is typical. */
const typicalUnits: Readonly<Record<Price['mode'], Units>> = {
  token: { inputTokens: 1000, outputTokens: 500 },
  request: { requests: 1 },
  second: { seconds: 60 },
  megapixel: { width: 1024, height: 1024 },
  image: { images: 1 },
  unit: { count: 1 },
};

/** The units of a typical request to a model of this mode; what is asked for counts for tokens. */
export function unitsOfTypical(mode: Price['mode'], asked: Units | undefined): Units {
  return mode === 'token' ? (asked ?? typicalUnits.token) : typicalUnits[mode];
}

/** What a request comes to exactly for a new account, without channel; undefined where it is refused. */
export function typicalAmount(rulebook: Rulebook, model: string, units: Units, at: number): Decimal | undefined {
  const request = { model, group: null, channel: null, units, fields: {}, at };
  const rated = rate(rulebook, request, { tier: rulebook.tiers[0].id, customMultiplier: null });
  return rated.kind === 'rated' ? rated.unrounded : undefined;
}

/** A request for a reader: `1000 inputTokens, 500 outputTokens`. */
export function unitsText(units: Units): string {
  return Object.entries(units)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
}
