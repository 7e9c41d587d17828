import { Webhook } from 'standardwebhooks';

const MS_PER_SECOND = 1_000;

/** The headers of Standard Webhooks for one attempt at an instant, milliseconds since 1970; a signature for each secret. */
export function signedHeaders(
  deliveryId: string,
  body: string,
  secrets: readonly string[],
  atMs: number,
): Readonly<Record<string, string>> {
  const at = new Date(atMs);
  return {
    'webhook-id': deliveryId,
    'webhook-timestamp': String(Math.floor(atMs / MS_PER_SECOND)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(deliveryId, at, body)).join(' '),
    'content-type': 'application/json',
    'user-agent': 'Meterbook-Webhooks/1',
  };
}
