import type { EventStore } from '@meterbook/event-store/event-store';
import { Verification } from '../verify/verification';
import { verifyStore, type VerifyReport } from '../verify/verify-store';

/** What a thread of a verification does, in this thread: one of its own needs the built code. */
export class VerificationHere extends Verification {
  constructor(private readonly store: EventStore) {
    super();
  }

  protected override run(): Promise<VerifyReport> {
    return verifyStore(this.store);
  }
}
