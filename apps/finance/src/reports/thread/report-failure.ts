import { StoreUnavailable, StreamDamaged } from '@meterbook/event-store/store-failure';
import type { Failure } from './report-messages';

export function toFailure(error: unknown): Failure {
  if (error instanceof StreamDamaged) return { kind: 'stream-damaged', stream: error.stream, damage: error.damage };
  if (error instanceof StoreUnavailable) return { kind: 'unavailable', why: error.message };
  return { kind: 'other', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

export function fromFailure(failure: Failure): Error {
  switch (failure.kind) {
    case 'stream-damaged':
      return new StreamDamaged(failure.stream, failure.damage);
    case 'unavailable':
      return new StoreUnavailable(failure.why);
    case 'other':
      return new Error(`a report failed in its thread: ${failure.message}`);
  }
}
