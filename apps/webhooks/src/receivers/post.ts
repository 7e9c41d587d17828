import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Clock } from '@meterbook/runtime/clock';
import type { Networks } from './networks';
import { checkAddresses, type HostAddress, type ResolveHost } from './resolve-host';
import { hostOf, urlFault } from './url-policy';

/** How long a receiver may take from the first packet to the head of its answer, milliseconds. */
export const ATTEMPT_TIMEOUT_MS = 15_000;
/** How long its body is read after that, and how much of it, bytes; neither changes what was answered. */
const BODY_TIMEOUT_MS = 2_000;
export const MAX_ANSWER_BYTES = 64 * 1024;
/** All headers of an answer, bytes. */
const MAX_HEADER_BYTES = 16 * 1024;
/** What is kept of why an attempt failed, characters. */
const MAX_ERROR_LENGTH = 200;
/** The longest wait that a receiver may ask for, milliseconds. */
const LONGEST_RETRY_AFTER_MS = 3_600_000;
const MS_PER_SECOND = 1_000;

/** What became of one attempt. */
export interface PostOutcome {
  /** HTTP status; null where there was no answer. */
  readonly status: number | null;
  /** Why it counts as failed; null where it was taken. */
  readonly error: string | null;
  /** How long the receiver asks to wait, milliseconds. */
  readonly retryAfterMs: number | null;
}

export interface Receiver {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Posts to receivers that may be anybody. Where a name leads is looked up for each attempt, checked, and connected to as it was
 * checked; no redirect is followed, nothing of the answer is kept but its status, and no connection is kept.
 */
export class PostMessages {
  constructor(
    private readonly networks: Networks,
    private readonly resolve: ResolveHost,
    private readonly clock: Clock,
  ) {}

  /** One attempt. It never throws; where aborted it says so as a failure. */
  async post(receiver: Receiver, signal: AbortSignal): Promise<PostOutcome> {
    const fault = urlFault(receiver.url, this.networks);
    if (fault !== undefined) return failed(fault);
    const ending = new AbortController();
    const cut = AbortSignal.any([signal, ending.signal]);
    void this.clock.sleep(ATTEMPT_TIMEOUT_MS, cut).then(() => ending.abort());
    try {
      return outcomeOf(await this.answer(receiver, cut));
    } catch (error) {
      if (signal.aborted) return failed('the process stopped');
      if (ending.signal.aborted) return failed(`no answer within ${ATTEMPT_TIMEOUT_MS} ms`);
      return failed(messageOf(error));
    } finally {
      ending.abort();
    }
  }

  private answer({ url, headers, body }: Receiver, signal: AbortSignal): Promise<IncomingMessage> {
    const target = new URL(url);
    const options: RequestOptions = {
      method: 'POST',
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      agent: false,
      lookup: this.lookupFor(target),
      maxHeaderSize: MAX_HEADER_BYTES,
      signal,
    };
    return new Promise((resolve, reject) => {
      const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
      const request = send(target, options, (answer) => {
        void this.readToEnd(answer).then(() => resolve(answer));
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  /** Lets the receiver finish, as far as that is bearable, and hangs up. */
  private async readToEnd(answer: IncomingMessage): Promise<void> {
    const done = new AbortController();
    let bytes = 0;
    answer.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) done.abort();
    });
    for (const event of ['end', 'close', 'error']) answer.on(event, () => done.abort());
    await this.clock.sleep(BODY_TIMEOUT_MS, done.signal);
    answer.destroy();
  }

  /** Instead of the system's look-up, which nobody checks. */
  private lookupFor(target: URL): LookupFunction {
    return (host, options, callback) => {
      this.addressesOf(host, target).then(
        (addresses) => {
          const [first] = addresses;
          if (options.all === true) callback(null, [...addresses]);
          else if (first) callback(null, first.address, first.family);
        },
        (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), ''),
      );
    };
  }

  private async addressesOf(host: string, target: URL): Promise<readonly HostAddress[]> {
    const literal = isIP(host);
    const addresses =
      literal === 0 ? await this.resolve(hostOf(target)) : [{ address: host, family: literal === 4 ? 4 : 6 } as const];
    checkAddresses(addresses, this.networks, target.protocol === 'https:');
    return addresses;
  }
}

function outcomeOf({ statusCode = 0, headers }: IncomingMessage): PostOutcome {
  if (statusCode >= 200 && statusCode < 300) return { status: statusCode, error: null, retryAfterMs: null };
  const isRedirect = statusCode >= 300 && statusCode < 400;
  const error = isRedirect ? 'a redirect, which is not followed' : `answered ${statusCode}`;
  return { status: statusCode, error, retryAfterMs: waitIn(headers['retry-after']) };
}

/** Seconds as a number; a date is not waited for. */
function waitIn(retryAfter: string | undefined): number | null {
  if (retryAfter === undefined || !/^\d{1,9}$/.test(retryAfter)) return null;
  return Math.min(Number(retryAfter) * MS_PER_SECOND, LONGEST_RETRY_AFTER_MS);
}

function failed(error: string): PostOutcome {
  return { status: null, error: error.slice(0, MAX_ERROR_LENGTH), retryAfterMs: null };
}

/** Errors of the system name addresses, which is nobody's matter: their code says enough. */
function messageOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code === 'string') return code;
  return error instanceof Error ? error.message : String(error);
}
