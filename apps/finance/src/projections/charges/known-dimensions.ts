import type { Charge } from '@meterbook/domain/account/charging/events';
import { dimensionsOf, type Dimensions } from './charge-row';

/** What charges are grouped by that is remembered; about 300 bytes each. */
const MAX_KNOWN = 4096;

/** Gives charges that are grouped by the same the same object, so that nobody has to compare it again. */
export class KnownDimensions {
  private readonly byModel = new Map<string, Dimensions[]>();
  private count = 0;

  /** What a charge is grouped by; throws where it is none that can be. */
  of(charge: Charge): Dimensions {
    const { model, tier, group, channel = null, plan = null } = charge;
    const ofModel = this.byModel.get(model);
    for (const known of ofModel ?? [])
      if (known[1] === tier && known[2] === group && known[3] === channel && known[4] === plan) return known;
    const met = dimensionsOf(charge);
    if (this.count >= MAX_KNOWN) {
      this.byModel.clear();
      this.count = 0;
    }
    this.count += 1;
    // After the others, so that those that most charges have are found first.
    this.byModel.set(model, [...(this.byModel.get(model) ?? []), met]);
    return met;
  }
}
