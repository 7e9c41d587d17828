/** One request of a route, as large as it may be or as its books make it. */
export interface LargeRequest {
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  readonly accept?: string;
  /** What it shows as its bearer token, where it shows one. */
  readonly bearer?: string;
  /** What it is to be answered with. */
  readonly status: readonly number[];
  /** Asked once and not again and again: what it starts goes on in the background, or what it makes stays for ever. */
  readonly once?: true;
}
