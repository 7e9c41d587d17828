import type { Clock } from '@meterbook/runtime/clock';
import { Misused, type Surroundings } from '../command';

/** How long a service may take to answer, in milliseconds; one that is well answers within twenty seconds. */
const ANSWER_TIMEOUT_MS = 60_000;
/** Times that a request is sent, and the longest wait in between, in milliseconds: a service that is busy says when to come again. */
const MAX_ATTEMPTS = 4;
const MAX_WAIT_MS = 10_000;
/** Longest text of a service that a message repeats, in characters. */
const MAX_SHOWN_LENGTH = 300;
const MS_PER_SECOND = 1000;

const busy: ReadonlySet<number> = new Set([429, 503]);

/** A service does not answer, or not as one of these: what to look at. */
export class NoService extends Error {
  override readonly name = 'NoService';

  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

/** What a service answered: the JSON of its body. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Where a service is, and who asks it. */
export interface ServiceOptions {
  readonly url?: string;
  readonly token?: string;
}

/** Asks a running service. What it is asked may be asked again: a request that met a busy one is sent once more. */
export class ServiceClient {
  private constructor(
    private readonly base: URL,
    private readonly token: string | undefined,
    private readonly clock: Clock,
  ) {}

  /** By `--url`, and `--token` or METERBOOK_TOKEN. Throws `Misused`. */
  static of({ url = '', token }: ServiceOptions, { clock, environment }: Surroundings): ServiceClient {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      throw new Misused(`option '--url': '${url}' is no address such as http://127.0.0.1:3000`);
    const base = new URL(url);
    if (base.username !== '' || base.password !== '')
      throw new Misused("option '--url': a token belongs in --token or METERBOOK_TOKEN");
    const shown = token ?? environment['METERBOOK_TOKEN'];
    if (shown !== undefined && !/^[\x21-\x7e]+$/.test(shown))
      throw new Misused("option '--token': it has characters that no token has");
    return new ServiceClient(base, shown, clock);
  }

  /** What the service answers, whatever it is but busy. Throws `NoService`. */
  async ask(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const { status, retryAfter, text } = await this.send(method, path, body);
      if (!busy.has(status) || attempt === MAX_ATTEMPTS) return { status, body: this.bodyOf(status, text) };
      const waitMs = retryAfter === null ? MS_PER_SECOND : Number(retryAfter) * MS_PER_SECOND;
      await this.clock.sleep(waitMs >= 0 ? Math.min(MAX_WAIT_MS, waitMs) : MS_PER_SECOND);
    }
  }

  private async send(method: string, path: string, body: unknown): Promise<Received> {
    const [late, done] = [new AbortController(), new AbortController()];
    const headers = {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
    };
    const timeout = this.clock.sleep(ANSWER_TIMEOUT_MS, done.signal).then(() => late.abort());
    try {
      const target = new URL(`${this.base.pathname.replace(/\/+$/, '')}${path}`, this.base);
      const sent = body === undefined ? null : JSON.stringify(body);
      const response = await fetch(target, { method, headers, body: sent, redirect: 'manual', signal: late.signal });
      return { status: response.status, retryAfter: response.headers.get('retry-after'), text: await response.text() };
    } catch (error) {
      const cause = causeOf(error, late.signal.aborted);
      throw new NoService(
        `${this.base.origin} does not answer: ${cause}.`,
        'Look at --url, and whether the service runs. To send it again is harmless.',
      );
    } finally {
      done.abort();
      await timeout;
    }
  }

  private bodyOf(status: number, text: string): Answer['body'] {
    const body = objectOf(text);
    if (body !== undefined) return body;
    const shown = text.slice(0, MAX_SHOWN_LENGTH).replaceAll(/\s+/g, ' ');
    throw new NoService(
      `${this.base.origin} answers ${status}, and not as Meterbook does: ${shown}`,
      'Look at --url: it is the address of the service, without /v1.',
    );
  }
}

interface Received {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly text: string;
}

function objectOf(text: string): Answer['body'] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** `fetch` wraps what went wrong, and sometimes several things. */
function causeOf(error: unknown, isLate: boolean): string {
  if (isLate) return `nothing came in ${ANSWER_TIMEOUT_MS / MS_PER_SECOND} s`;
  const cause: unknown = typeof error === 'object' && error !== null && 'cause' in error ? error.cause : error;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  return code === '' ? String(cause) : code;
}

/** A service refused what it was asked: its code, and what it says. */
export class RefusedByService extends Error {
  override readonly name = 'RefusedByService';
  readonly remedy: string;

  constructor({ status, body }: Answer) {
    const { code, detail } = body;
    super(
      `The service refuses (${status} ${typeof code === 'string' ? code : 'without a code'}): ${typeof detail === 'string' ? detail : 'it does not say why'}`,
    );
    this.remedy = remedies[status] ?? 'docs/errors.md explains every code.';
  }
}

const remedies: Readonly<Record<number, string>> = {
  401: 'Name a token with --token or METERBOOK_TOKEN.',
  403: 'The token may not do this: docs/operating.md says what a token may do.',
};
