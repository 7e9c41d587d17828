import RequestQueue from 'kafkajs/src/network/requestQueue';
import './request-queue-fix';

/** What the original does: it asks for a timer. */
interface Queue {
  pending: unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId?: NodeJS.Timeout | null;
  scheduleCheckPendingRequests(): void;
}

const queue = (pending: unknown[]): Queue =>
  Object.assign(Object.create(RequestQueue.prototype) as Queue, { pending, throttledUntil: -1 });

describe('the request queue of kafkajs', () => {
  it('has no timer where no request waits', () => {
    const idle = queue([]);
    idle.scheduleCheckPendingRequests();
    expect(idle.throttleCheckTimeoutId).toBeUndefined();
  });

  it('has one where a request waits', () => {
    const busy = queue([{}]);
    busy.scheduleCheckPendingRequests();
    expect(busy.throttleCheckTimeoutId).toBeDefined();
    clearTimeout(busy.throttleCheckTimeoutId ?? undefined);
  });
});
