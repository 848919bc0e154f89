import { BlockList, isIP } from 'node:net';

const FAMILIES: Readonly<Record<number, { readonly name: 'ipv4' | 'ipv6'; readonly bits: number }>> = {
  4: { name: 'ipv4', bits: 32 },
  6: { name: 'ipv6', bits: 128 },
};

/** Whether a text is an address of IPv4 or IPv6, or a range in CIDR notation. */
export function isRange(text: string): boolean {
  return readRange(text) !== undefined;
}

/** Whether an address lies in a range of its own family. */
export function inRange(range: string, address: string): boolean {
  const { base, bits } = readRange(range) ?? {};
  const family = isIP(address);
  if (base === undefined || bits === undefined || family === 0 || isIP(base) !== family) return false;
  const list = new BlockList();
  list.addSubnet(base, bits, FAMILIES[family].name);
  return list.check(address, FAMILIES[family].name);
}

function readRange(text: string): { base: string; bits: number } | undefined {
  const [, base, length] = /^([^/]+?)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = base === undefined ? undefined : FAMILIES[isIP(base)];
  if (!family) return undefined;
  const bits = length === undefined ? family.bits : Number(length);
  return bits <= family.bits ? { base, bits } : undefined;
}
