import type { Example } from '@meterbook/http/openapi/example';

/** Its books are those of the other examples. */
export const findChargesExample: Example = {
  query: { id: 'req-unknown' },
  status: 200,
  answer: { charges: [], next: null },
};
