import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** Addresses that lead to this machine, into its own networks, or to nobody. */
const NOT_PUBLIC_IPV4: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
/** Of IPv6 only this is public … */
const PUBLIC_IPV6: readonly [string, number] = ['2000::', 3];
/** … without what carries an IPv4 address or another network in it, or is of documentation. */
const NOT_PUBLIC_IPV6: readonly (readonly [network: string, prefix: number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const notPublic = new BlockList();
for (const [network, prefix] of NOT_PUBLIC_IPV4) notPublic.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of NOT_PUBLIC_IPV6) notPublic.addSubnet(network, prefix, 'ipv6');
const publicIpv6 = new BlockList();
publicIpv6.addSubnet(...PUBLIC_IPV6, 'ipv6');

const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
const mappedHex = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i;
const BITS_OF_A_BYTE = 8;
const BYTE = 0xff;

/** The IPv4 address that an IPv6 one only wraps; any other as it is, without its zone. */
function unwrapped(address: string): string {
  const [bare = ''] = address.split('%');
  const [, dotted] = mapped.exec(bare) ?? [];
  if (dotted !== undefined) return dotted;
  const [, high, low] = mappedHex.exec(bare) ?? [];
  if (high === undefined || low === undefined) return bare;
  const bytes = [high, low].flatMap((part) => {
    const value = Number.parseInt(part, 16);
    return [value >> BITS_OF_A_BYTE, value & BYTE];
  });
  return bytes.join('.');
}

/** Which addresses deliveries may go to: public ones, and those of the networks that were configured. */
export class Networks {
  private readonly allowed = new BlockList();
  /** Whether any private network may be reached at all. */
  readonly reachPrivate: boolean;

  /** @param networks in CIDR notation, checked before */
  constructor(networks: readonly string[]) {
    this.reachPrivate = networks.length > 0;
    for (const network of networks) {
      const [address = '', prefix = ''] = network.split('/');
      this.allowed.addSubnet(address, Number(prefix), isIPv4(address) ? 'ipv4' : 'ipv6');
    }
  }

  /** Whether an address lies in a configured network. */
  isConfigured(address: string): boolean {
    const bare = unwrapped(address);
    return this.allowed.check(bare, isIPv4(bare) ? 'ipv4' : 'ipv6');
  }

  /** Whether a delivery may go there. */
  mayReach(address: string): boolean {
    const bare = unwrapped(address);
    if (this.isConfigured(bare)) return true;
    if (isIPv4(bare)) return !notPublic.check(bare, 'ipv4');
    return isIPv6(bare) && publicIpv6.check(bare, 'ipv6') && !notPublic.check(bare, 'ipv6');
  }
}
