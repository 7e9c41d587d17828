import { readRulebook } from '../rulebook/read-rulebook';
import type { Rulebook } from '../rulebook/rulebook';
import type { NaiveModel } from './naive-rater';
import { channels } from './random-prices';

/** What the tier of `pricedRulebook` makes of every price. */
export const userFactor = '0.87';

/** A rulebook of one model, `m`, and of the channels that random requests name. Throws on one that is not valid. */
export function pricedRulebook(model: NaiveModel, rounding: object): Rulebook {
  const read = readRulebook({
    platform: 'p',
    currency: 'USD',
    rounding,
    tiers: [{ id: 'default', rank: 1, discount: userFactor }],
    groups: [{ id: 'default' }],
    channels: Object.entries(channels).map(([id, discount]) => ({ id, discount })),
    models: [{ id: 'm', group: 'default', ...model }],
  });
  if (read.kind === 'invalid') throw new Error(JSON.stringify(read.faults));
  return read.rulebook;
}
