import type { Quota } from '@meterbook/domain/access/quotas';

/** How urgent a request is to a gateway; higher goes first. */
export function priorityHeader(level: number): Readonly<Record<string, string>> {
  return { 'x-request-priority': String(level) };
}

/** What limits leave, as structured fields (draft-ietf-httpapi-ratelimit-headers); nothing where there are none. */
export function quotaHeaders(quotas: readonly Quota[]): Readonly<Record<string, string>> {
  if (quotas.length === 0) return {};
  const policies = quotas.map(({ name, limit, windowSeconds }) => `"${name}";q=${limit};w=${windowSeconds}`);
  const left = quotas.map(({ name, remaining, resetSeconds }) => `"${name}";r=${remaining};t=${resetSeconds}`);
  return { 'ratelimit-policy': policies.join(', '), ratelimit: left.join(', ') };
}
