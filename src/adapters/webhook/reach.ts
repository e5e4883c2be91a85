import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { isPublic } from './public-address.ts';

/** Where an address leads, as seen from this machine. */
export interface Reach {
  /** `listed`: not looked at, since it is among the hosts that may be anywhere. `unknown`: its name has no address. */
  readonly kind: 'path' | 'public' | 'private' | 'listed' | 'unknown';
  readonly host: string;
  /** What the name stands for now. */
  readonly addresses: readonly string[];
}

/** Looks where a git origin leads: a URL, `[user@]host:path`, or a path. A name with one private address is private. */
export async function reachOf(origin: string, hosts: readonly string[]): Promise<Reach> {
  const host = hostOf(origin);
  if (host === undefined) return { kind: 'path', host: '', addresses: [] };
  if (hosts.includes(host)) return { kind: 'listed', host, addresses: [] };
  const found = isIP(host) === 0 ? await lookup(host, { all: true }).catch(() => []) : [{ address: host }];
  const addresses = found.map(({ address }) => address);
  if (addresses.length === 0) return { kind: 'unknown', host, addresses };
  return { kind: addresses.every(isPublic) ? 'public' : 'private', host, addresses };
}

function hostOf(origin: string): string | undefined {
  if (URL.canParse(origin) && origin.includes('://')) {
    const { protocol, hostname } = new URL(origin);
    return protocol === 'file:' ? undefined : hostname.replace(/^\[|\]$/g, '');
  }
  // As git itself reads it: a colon before the first slash makes it `[user@]host:path`.
  const [, bracketed, plain] = /^(?:[^/@:]+@)?(?:\[([^\]]+)\]|([^/[\]:]+)):/.exec(origin) ?? [];
  return bracketed ?? plain;
}
