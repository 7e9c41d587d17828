declare module 'kafkajs/src/network/requestQueue' {
  /** The part of it that `request-queue-fix.ts` needs. */
  class RequestQueue {
    readonly pending: readonly unknown[];
    scheduleCheckPendingRequests: (this: RequestQueue) => void;
  }
  export default RequestQueue;
}
