interface Header {
  readonly description: string;
  readonly schema: object;
  readonly example?: unknown;
}

/** Headers of answers, by name. */
export const answerHeaders = {
  'X-Request-Id': {
    description: 'The id of the request. It is in the log and with every event that the request led to.',
    schema: { type: 'string' },
    example: 'h4Qm1nVZ0bWbq3kd',
  },
  'Idempotency-Hit': {
    description: 'The same was done before, and this is the answer of that time.',
    schema: { type: 'string', const: 'true' },
  },
  'Retry-After': {
    description: 'After how many seconds the same may be sent again.',
    schema: { type: 'integer', minimum: 1 },
    example: 1,
  },
  'X-Request-Priority': {
    description: 'How urgent the request is to a gateway; higher goes first.',
    schema: { type: 'integer', minimum: 0 },
    example: 1,
  },
  'RateLimit-Policy': {
    description: 'The limits that count the request: `q` requests in `w` seconds each. Absent where there are none.',
    schema: { type: 'string' },
    example: '"minute";q=60;w=60, "day";q=1000;w=86400',
  },
  RateLimit: {
    description: 'What they leave: `r` requests, and more after `t` seconds. Absent where there are none.',
    schema: { type: 'string' },
    example: '"minute";r=59;t=60, "day";r=999;t=50400',
  },
  'WWW-Authenticate': {
    description: 'How to authenticate, and that the token that was sent is of no use.',
    schema: { type: 'string', pattern: '^Bearer( error="invalid_token")?$' },
  },
} as const satisfies Readonly<Record<string, Header>>;

type HeaderName = keyof typeof answerHeaders;

const refersTo = (name: HeaderName): object => ({ $ref: `#/components/headers/${name}` });

/** The headers of an answer with a status. A handler that answers 201 or 202 answers 200 where the same was done before. */
export function headersOf(status: string, statuses: readonly string[]): Readonly<Record<string, object>> {
  const names: HeaderName[] = ['X-Request-Id'];
  if (status === '200' && (statuses.includes('201') || statuses.includes('202'))) names.push('Idempotency-Hit');
  if (status === '503' || status === '429') names.push('Retry-After');
  // What is limited says so with every answer.
  const isLimited = statuses.includes('429');
  if (isLimited && (status === '200' || status === '201')) names.push('X-Request-Priority');
  if (isLimited && (status === '201' || status === '429')) names.push('RateLimit-Policy', 'RateLimit');
  if (status === '401') names.push('WWW-Authenticate');
  return Object.fromEntries(names.map((name) => [name, refersTo(name)]));
}
