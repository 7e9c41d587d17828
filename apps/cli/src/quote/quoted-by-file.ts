import { toText } from '@meterbook/domain/amount/decimal';
import { explain } from '@meterbook/domain/rating/explain';
import { rate } from '@meterbook/domain/rating/rate';
import { RATING_RULES } from '@meterbook/domain/rating/rating-rules';
import { Misused, type Surroundings } from '../command';
import { validRulebook } from '../rulebook/file/rulebook-file';
import type { AskedRequest, Quoted, QuoteOptions } from './asked-request';

/** A rulebook cannot rate a request. */
export class Unratable extends Error {
  override readonly name = 'Unratable';
  readonly remedy = 'docs/rulebook.md and docs/usage-mapping.md say how usage and prices name things.';
}

/** What a request comes to by a rulebook's file, for a new account. Throws `Unratable`, `UnusableFile` and `Misused`. */
export function quotedByFile(
  { model, units, fields, tier, group, channel, at }: AskedRequest,
  path: string,
  { platform, account, token }: QuoteOptions,
  { clock }: Surroundings,
): Quoted & { readonly tier: string; readonly group: string } {
  for (const [name, value] of Object.entries({ platform, account, token }))
    if (value !== undefined) throw new Misused(`--${name} goes with --url: a file knows no accounts`);
  const { rulebook } = validRulebook(path);
  if (tier !== null && !rulebook.tiers.some(({ id }) => id === tier))
    throw new Unratable(`unknown_tier: ${tier} is no tier of ${path}.`);
  const terms = { tier: tier ?? rulebook.tiers[0].id, customMultiplier: null };
  const rated = rate(rulebook, { model, units, fields, group, channel, at: at ?? clock.now() }, terms);
  if (rated.kind === 'refused') throw new Unratable(`${rated.code}: ${rated.detail}.`);
  const [amount, unrounded] = [toText(rated.amount), toText(rated.unrounded)];
  const { price, factors } = rated;
  const charge = { rating: RATING_RULES, price, factors, unrounded, amount, currency: rulebook.currency, units };
  return {
    amount,
    unrounded,
    currency: rulebook.currency,
    tier: rated.tier,
    group: rated.group,
    explain: explain({ ...charge, tier: rated.tier, group: rated.group }),
  };
}
