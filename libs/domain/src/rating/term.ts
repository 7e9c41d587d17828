import type { Factor } from '../account/charging/events';
import type { Decimal } from '../amount/decimal';

/** A number that a price is multiplied with, and how a charge tells of it. */
export interface Term {
  readonly value: Decimal;
  readonly factor: Factor;
}
