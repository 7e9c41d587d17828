import { StoreUnavailable, StreamDamaged } from '@meterbook/event-store/store-failure';
import { Problem } from '@meterbook/http/problem/problem';
import { isUnfitToStart } from '@meterbook/runtime/unfit-to-start';
import type { Failure } from './report-messages';

export function toFailure(error: unknown): Failure {
  if (error instanceof StreamDamaged) return { kind: 'stream-damaged', stream: error.stream, damage: error.damage };
  if (error instanceof StoreUnavailable) return { kind: 'unavailable', why: error.why };
  if (error instanceof Problem)
    return { kind: 'refused', code: error.code, detail: error.detail, errors: error.errors ?? [] };
  if (isUnfitToStart(error)) return { kind: 'unfit', message: error.message, remedy: error.remedy };
  return { kind: 'other', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

export function fromFailure(failure: Failure): Error {
  switch (failure.kind) {
    case 'stream-damaged':
      return new StreamDamaged(failure.stream, failure.damage);
    case 'unavailable':
      return new StoreUnavailable(failure.why);
    case 'refused': {
      const { code, detail, errors } = failure;
      return new Problem(code, detail, errors.length > 0 ? { errors } : {});
    }
    case 'unfit':
      return Object.assign(new Error(failure.message), { remedy: failure.remedy });
    case 'other':
      return new Error(`a report failed in its thread: ${failure.message}`);
  }
}
