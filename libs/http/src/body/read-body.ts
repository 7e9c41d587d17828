import type { IncomingMessage } from 'node:http';
import { principalOf, type Principal } from '../auth/principal';
import type { HttpRequest } from '../http-message';
import { Problem } from '../problem/problem';
import { BODY_IDLE_MS, type Arrivals } from './arrivals';
import type { BodyPlace } from './body-room';

const MS_PER_SECOND = 1_000;

/** Where a request keeps the place that it has for its body. */
const PLACE = Symbol('place of the body');

export const setBodyPlace = (request: object, place: BodyPlace): void =>
  void Object.assign(request, { [PLACE]: place });

export const bodyPlaceOf = (request: object): BodyPlace | undefined =>
  PLACE in request ? (request[PLACE] as BodyPlace) : undefined;

/** Bytes that a request says its body has; 0 where it does not say. */
export function announcedBytes({ headers }: Pick<HttpRequest, 'headers'>): number {
  const length = headers['content-length'];
  return typeof length === 'string' && /^\d{1,15}$/.test(length) ? Number(length) : 0;
}

/** Whose share of the room a body takes: its token's, or its address's where no tokens are configured. */
export function callerOf(request: HttpRequest): string {
  const principal: Principal | undefined = principalOf(request);
  return principal && !principal.isAnybody ? `token ${principal.name}` : `address ${request.ip}`;
}

const tooLarge = (limitBytes: number): Problem =>
  new Problem('payload_too_large', `The body is over the limit of this route, ${limitBytes} bytes.`);
const tooSlow = (): Problem =>
  new Problem('request_timeout', `No byte of the body arrived within ${BODY_IDLE_MS / MS_PER_SECOND} s.`);
const cutOff = (): Problem => new Problem('bad_request', 'The body ended before it was whole.');

/**
 * The bytes of a body, each counted against its place as it arrives. Rejects with `payload_too_large` over the limit, with
 * `too_busy` where the room is full, with `request_timeout` when nothing comes any more.
 */
export function readBody(
  payload: IncomingMessage,
  limitBytes: number,
  { take }: BodyPlace,
  arrivals: Arrivals,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const unwatch = arrivals.watch(
      () => length,
      () => end(() => reject(tooSlow())),
    );
    const end = (settle: () => void): void => {
      unwatch();
      payload.off('data', onData).off('end', onEnd).off('close', onCut);
      settle();
      // The listener for errors stays, and what it could reach would stay with it.
      chunks.length = 0;
    };
    const onData = (chunk: Buffer): void => {
      length += chunk.length;
      if (length > limitBytes) return end(() => reject(tooLarge(limitBytes)));
      try {
        take(chunk.length);
      } catch (error) {
        return end(() => reject(error instanceof Error ? error : cutOff()));
      }
      chunks.push(chunk);
    };
    const onEnd = (): void => end(() => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    const onCut = (): void => end(() => reject(cutOff()));
    payload.on('data', onData).on('end', onEnd).on('close', onCut);
    // It has to have a listener to the end: an error that nobody hears ends the process.
    payload.on('error', onCut);
  });
}

/** The limit of a body by its announcement, before a byte of it is read. */
export function refuseAnnounced(request: HttpRequest, limitBytes: number): void {
  if (announcedBytes(request) > limitBytes) throw tooLarge(limitBytes);
}
