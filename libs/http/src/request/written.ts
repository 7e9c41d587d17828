import type { HttpReply } from '../http-message';

/** What a write answers: its body, and whether it only repeats an earlier one. */
export class Written<T> {
  constructor(
    readonly body: T,
    readonly repeated: boolean,
    /** What the first time is answered with. */
    readonly status: 201 | 202 = 201,
    /** Beside those that every answer has. */
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}
}

/**
 * Answers a `Written` with its status the first time, and with 200 and `Idempotency-Hit: true` when it is repeated. It hangs on
 * Fastify's serialization, because an interceptor of Nest costs every request an Observable.
 */
export function unwrapWritten(payload: unknown, reply: HttpReply): unknown {
  if (!(payload instanceof Written)) return payload;
  reply.code(payload.repeated ? 200 : payload.status);
  reply.headers(payload.headers);
  if (payload.repeated) reply.header('idempotency-hit', 'true');
  return payload.body;
}
