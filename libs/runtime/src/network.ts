import { isIPv4, isIPv6 } from 'node:net';

const notation = /^([0-9A-Fa-f.:]{2,45})\/(\d{1,3})$/;
/** Bits of an address. */
const IPV4_BITS = 32;
const IPV6_BITS = 128;

/** Whether a text is a network in CIDR notation, such as `10.0.0.0/8`. */
export function isNetwork(text: string): boolean {
  const [, address = '', prefix = ''] = notation.exec(text) ?? [];
  if (isIPv4(address)) return Number(prefix) <= IPV4_BITS;
  return isIPv6(address) && Number(prefix) <= IPV6_BITS;
}
