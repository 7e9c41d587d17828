import { formatInstant } from '@meterbook/domain/time/instant';
import type { AgeWindow } from '@meterbook/domain/usage/age-window';
import type { ValueFault } from '@meterbook/messages/reading/fault';

/** What is wrong with usage of an instant when it is accepted at another, both in milliseconds since 1970. */
export function ageFault(window: AgeWindow, occurredAt: number, acceptedAt: number): ValueFault | undefined {
  switch (window.refusal(occurredAt, acceptedAt)) {
    case 'usage_too_old': {
      const earliest = formatInstant(window.earliest(acceptedAt));
      return { code: 'usage_too_old', detail: `lies before ${earliest}, when the age window begins` };
    }
    case 'usage_in_future': {
      const latest = formatInstant(window.latest(acceptedAt));
      return { code: 'usage_in_future', detail: `lies after ${latest}, more than five minutes ahead` };
    }
    case undefined:
      return undefined;
  }
}
