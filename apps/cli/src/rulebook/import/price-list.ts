import type { Content } from './model-content';
import type { ImportedModel } from './imported-model';

/** What a converter makes of a list; what it left out or changed is in the findings. */
export interface PriceList {
  readonly models: readonly ImportedModel[];
  /** Names that mean a model of the list, and are sold as it is. */
  readonly aliases: readonly (readonly [alias: string, id: string])[];
  /** Groups and tiers, where the list has some. */
  readonly sections: Content;
  /** The currency that prices of the list are in. */
  readonly currency: string;
}
