import type { Fault } from '@meterbook/messages/reading/fault';
import { errorCatalogue, type ErrorCode } from './error-catalogue';

/** An error answer as it stands on the wire: RFC 9457 with a stable `code`. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly errors?: readonly Fault[];
}

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

interface ProblemExtras {
  readonly errors?: readonly Fault[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Members beside the standard ones, such as `available` and `required` of `insufficient_credits`. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** A request that is answered with an error. The code decides the status; the detail is read by people and holds no secret. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly errors: readonly Fault[] | undefined;
  readonly headers: Readonly<Record<string, string>>;
  private readonly members: Readonly<Record<string, unknown>>;

  constructor(
    readonly code: ErrorCode,
    readonly detail: string,
    { errors, headers = {}, members = {} }: ProblemExtras = {},
  ) {
    super(`${code}: ${detail}`);
    this.status = errorCatalogue[code].status;
    this.errors = errors;
    this.headers = headers;
    this.members = members;
  }

  document(): ProblemDocument {
    const { title, status } = errorCatalogue[this.code];
    const standard = {
      type: `urn:meterbook:problem:${this.code}`,
      title,
      status,
      code: this.code,
      detail: this.detail,
    };
    return { ...this.members, ...standard, ...(this.errors ? { errors: this.errors } : {}) };
  }
}

/** Seconds after which a client may try again, as a header. */
export const retryAfter = (seconds: number): Readonly<Record<string, string>> => ({ 'retry-after': String(seconds) });
