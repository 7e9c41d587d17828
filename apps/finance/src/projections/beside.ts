import type { Charge } from '@meterbook/domain/account/charging/events';
import type { PlatformFacts } from './platform-facts';

/** The charge that a reversal undoes, as it stands in the store. */
export interface ReversedCharge {
  readonly charge: Charge;
  /** When it was booked, milliseconds since 1970. */
  readonly bookedAt: number;
}

/** What an event itself does not say, read from where it stands; each is undefined where it is not needed or cannot be read. */
export interface Beside {
  readonly reversed?: ReversedCharge | undefined;
  readonly facts?: PlatformFacts | undefined;
}
