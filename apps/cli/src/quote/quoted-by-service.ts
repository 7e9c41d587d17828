import { formatInstant } from '@meterbook/domain/time/instant';
import { Misused, type Surroundings } from '../command';
import { RefusedByService, ServiceClient } from '../service/service-client';
import type { AskedRequest, Quoted, QuoteOptions } from './asked-request';

/** What a request comes to by the rulebook in force on a service. Throws `NoService`, `RefusedByService` and `Misused`. */
export async function quotedByService(
  { at, ...request }: AskedRequest,
  options: QuoteOptions,
  surroundings: Surroundings,
): Promise<Quoted> {
  const { platform, account = null } = options;
  if (platform === undefined) throw new Misused('--url needs --platform: whose rulebook');
  const body = { ...request, account, at: at === null ? null : formatInstant(at) };
  const client = ServiceClient.of(options, surroundings);
  const answer = await client.ask('POST', `/v1/platforms/${encodeURIComponent(platform)}/quotes`, body);
  if (!isQuoted(answer.body)) throw new RefusedByService(answer);
  return answer.body;
}

function isQuoted(body: object): body is Quoted {
  return ['amount', 'unrounded', 'currency', 'explain'].every(
    (key) => key in body && typeof (body as Record<string, unknown>)[key] === 'string',
  );
}
