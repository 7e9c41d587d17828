import type { Example } from '@meterbook/http/openapi/example';
import { usageExample } from '@meterbook/messages/usage-event/usage-example';

export const reportUsageExample: Example = { body: usageExample, status: 202, answer: { accepted: 1 } };
