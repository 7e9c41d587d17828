import type { Example } from '@meterbook/http/openapi/example';

export const verifyBooksExample: Example = { status: 200, answer: { ok: true, streams: 4, events: 13, faults: [] } };
