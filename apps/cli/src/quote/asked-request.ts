import type { ServiceOptions } from '../service/service-client';

/** The words of `quote`, as they were given. */
export interface QuoteOptions extends ServiceOptions {
  readonly rulebook?: string;
  readonly platform?: string;
  readonly account?: string;
  readonly field?: readonly string[];
  readonly tier?: string;
  readonly group?: string;
  readonly channel?: string;
  readonly at?: string;
  readonly json?: true;
}

/** A request to be rated. */
export interface AskedRequest {
  readonly model: string;
  readonly units: Readonly<Record<string, number | string>>;
  readonly fields: Readonly<Record<string, string>>;
  readonly tier: string | null;
  readonly group: string | null;
  readonly channel: string | null;
  /** Milliseconds since 1970; null for now. */
  readonly at: number | null;
}

/** What a request comes to. */
export interface Quoted {
  readonly amount: string;
  readonly unrounded: string;
  readonly currency: string;
  readonly explain: string;
}
