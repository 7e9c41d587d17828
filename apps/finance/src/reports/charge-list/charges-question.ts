import type { Basis } from '../axes';

/** What is asked for of single charges; plain data. Instants are milliseconds since 1970. */
export type ChargesQuestion =
  | {
      readonly by: 'id';
      readonly platform: string;
      readonly id: string;
      /** The charge after which a page begins; null for the first page. */
      readonly after: ChargePlace | null;
      readonly limit: number;
    }
  | {
      readonly by: 'time';
      readonly platform: string;
      readonly basis: Basis;
      /** Inclusive; null for the beginning. */
      readonly from: number | null;
      /** Exclusive; null for all that is booked. */
      readonly to: number | null;
      /** The last line received; null for the first. */
      readonly after: LinePlace | null;
    };

/** Where a charge stands among those of one id. */
export interface ChargePlace {
  readonly account: string;
  readonly revision: number;
  readonly index: number;
}

/** Where a line stands in an export: after which event, and how many lines of the next event came before. */
export interface LinePlace {
  readonly after: string;
  readonly lines: number;
}
