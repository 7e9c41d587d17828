/** What we read of a Fastify request. Naming it here keeps the rest from depending on one of Fastify's versions. */
export interface HttpRequest {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly params: unknown;
  readonly is404: boolean;
  /** The address of whoever sends it. */
  readonly ip: string;
  readonly routeOptions: {
    readonly url?: string | undefined;
    readonly config?: unknown;
    /** Largest body, in bytes. */
    readonly bodyLimit: number;
  };
}

/** What we use of a Fastify reply. */
export interface HttpReply {
  readonly sent: boolean;
  readonly statusCode: number;
  readonly elapsedTime: number;
  readonly raw: { readonly headersSent: boolean; once(event: 'close', listener: () => void): unknown };
  code(status: number): HttpReply;
  header(name: string, value: string): HttpReply;
  headers(values: Readonly<Record<string, string>>): HttpReply;
  send(payload: string): unknown;
}
