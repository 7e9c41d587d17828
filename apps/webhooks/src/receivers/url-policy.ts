import { isIP } from 'node:net';
import type { Networks } from './networks';

/** Longest address of a receiver, characters. */
export const MAX_URL_LENGTH = 2_048;
/** Below it only those of the web are taken: what else listens there speaks something else. */
const FIRST_FREE_PORT = 1_024;
const webPorts: ReadonlySet<number> = new Set([80, 443]);
/** Names that never lead into the public net. */
const localName = /(^|\.)(localhost|local|localdomain|internal|intranet|home\.arpa)$/;

/** The host of a URL as it is connected to: without the brackets of IPv6 and the dot at the end of a name. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

/**
 * Why deliveries may not go to an address, as far as it tells by itself; undefined where they may. Names are looked up, and
 * checked once more, when a delivery connects.
 */
export function urlFault(text: string, networks: Networks): string | undefined {
  if (text.length > MAX_URL_LENGTH) return `The URL is longer than ${MAX_URL_LENGTH} characters.`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) return 'It is no URL.';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'The URL has to begin with https://.';
  if (url.username !== '' || url.password !== '') return 'The URL may hold no user and no password.';
  if (url.hash !== '') return 'The URL may hold no fragment.';
  if (url.protocol === 'http:' && !networks.reachPrivate) return 'The URL has to begin with https://.';
  const port = url.port === '' ? null : Number(url.port);
  if (port !== null && port < FIRST_FREE_PORT && !webPorts.has(port)) return `Port ${port} is none of the web.`;
  return hostFault(url, networks);
}

function hostFault(url: URL, networks: Networks): string | undefined {
  const host = hostOf(url);
  if (isIP(host) !== 0) {
    if (!networks.mayReach(host)) return 'The address is private, of this machine, or nobody’s.';
    return url.protocol === 'http:' && !networks.isConfigured(host) ? 'The URL has to begin with https://.' : undefined;
  }
  if (networks.reachPrivate) return undefined;
  if (host === '' || !host.includes('.') || localName.test(host)) return 'The name is one of a private network.';
  return undefined;
}
