import { Resolver } from 'node:dns/promises';
import type { Networks } from './networks';

/** How long one question to a name server waits, milliseconds, and how often it is asked. */
const ASK_TIMEOUT_MS = 2_000;
const TRIES = 2;
/** Addresses of one name that are looked at. */
const MAX_ADDRESSES = 16;

export interface HostAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** The addresses of a name, as they are at that moment. */
export type ResolveHost = (host: string) => Promise<readonly HostAddress[]>;

/**
 * Asks the name servers. Unlike the system's own look-up it takes none of the few threads that everything else in the process
 * needs, however long a receiver's name server takes; what stands in `/etc/hosts` is not seen.
 */
export const askNameServers: ResolveHost = async (host) => {
  const resolver = new Resolver({ timeout: ASK_TIMEOUT_MS, tries: TRIES });
  const [four, six] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const addresses: HostAddress[] = [];
  if (four.status === 'fulfilled') addresses.push(...four.value.map((address) => ({ address, family: 4 as const })));
  if (six.status === 'fulfilled') addresses.push(...six.value.map((address) => ({ address, family: 6 as const })));
  if (addresses.length === 0) throw new Error(`nobody knows the name ${host}`);
  return addresses.slice(0, MAX_ADDRESSES);
};

/** A receiver that deliveries may not go to. */
export class AddressNotAllowed extends Error {
  override readonly name = 'AddressNotAllowed';
}

/** Throws `AddressNotAllowed` unless each of them may be reached; without encryption only those of configured networks. */
export function checkAddresses(addresses: readonly HostAddress[], networks: Networks, encrypted: boolean): void {
  for (const { address } of addresses)
    if (encrypted ? !networks.mayReach(address) : !networks.isConfigured(address))
      throw new AddressNotAllowed('the name leads to an address that deliveries may not go to');
}
