import { Problem } from './problem/problem';
import type { HttpRequest } from './http-message';

type Headers = HttpRequest['headers'];

/** Encodings of a body that mean that there is none. */
const PLAIN_ENCODING = /^\s*(identity)?\s*$/i;
/** Charsets whose texts are UTF-8. */
const UTF8_CHARSET = /^"?(utf-?8|us-ascii)"?$/i;
const CHARSET = /;\s*charset\s*=\s*("[^"]*"|[^\s;]*)/gi;
const CONTINUE = /^\s*100-continue\s*$/i;
/** Names of this machine that no other machine's page can have: a browser that was led here by another name says so. */
const LOOPBACK_HOST = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?$/i;
/** What `Sec-Fetch-Site` says of a page of our own, and of an address that somebody typed. */
const OWN_SITES = ['same-origin', 'none'];

const one = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header.join(', ') : header;

/** Why a request is not one that we can read, whatever route it is for; undefined when it is. */
export function unreadable({ headers }: Pick<HttpRequest, 'headers'>): Problem | undefined {
  if (headers['expect'] !== undefined && !CONTINUE.test(one(headers['expect']) ?? ''))
    return new Problem('expectation_failed', 'Only `Expect: 100-continue` can be met.');
  if (!PLAIN_ENCODING.test(one(headers['content-encoding']) ?? ''))
    return new Problem('unsupported_media_type', 'Bodies are taken as they are, without a Content-Encoding.', {
      headers: { 'accept-encoding': 'identity' },
    });
  for (const [, charset = ''] of (one(headers['content-type']) ?? '').matchAll(CHARSET))
    if (!UTF8_CHARSET.test(charset))
      return new Problem('unsupported_media_type', 'Texts are taken in UTF-8 and in no other charset.');
  return undefined;
}

/**
 * Why a request may come from a page of somebody else, in a browser on this machine; undefined when it cannot. Where no tokens
 * are configured the way here is the only proof there is, so it has to lead over a name of this machine and from no other site.
 */
export function foreignPage({ headers }: Pick<HttpRequest, 'headers'>): Problem | undefined {
  if (isOurs(headers)) return undefined;
  return new Problem('forbidden', 'Without tokens, requests are taken from this machine and its own pages only.');
}

function isOurs(headers: Headers): boolean {
  const [host, origin, site] = [one(headers['host']), one(headers['origin']), one(headers['sec-fetch-site'])];
  if (host === undefined || !LOOPBACK_HOST.test(host)) return false;
  // Another port of this machine is another site too.
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) return false;
  return site === undefined || OWN_SITES.includes(site.toLowerCase());
}
