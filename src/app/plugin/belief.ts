import { readTextFile } from '#adapters/files/index.ts';
import type { Principal } from '#domain/action.ts';
import { platform } from '../access/platform.ts';
import type { House } from '../house.ts';
import { permit } from '../perform.ts';
import type { Trust } from './trust.ts';

/** Signatures are not what other work waits for. */
const loadTrust = () => import('./trust.ts');

/** Believes a publisher's key (PEM) about names that begin with the namespace, for a year. Throws PUBLISHER_KEY_INVALID and `Refusal`. */
export async function trust(
  house: House,
  who: { readonly name: string; readonly namespace: string; readonly pem: string },
  by: Principal,
): Promise<void> {
  const { trustPublisher } = await loadTrust();
  await decided(house, by, who.name, (parts) => trustPublisher(parts, who));
}

/** Nothing that the publisher signed loads any more. Throws PUBLISHER_UNKNOWN and `Refusal`. */
export async function distrust(house: House, publisher: string, by: Principal): Promise<void> {
  const { distrustPublisher } = await loadTrust();
  await decided(house, by, publisher, (parts) => distrustPublisher(parts, publisher));
}

/** One module runs no more, for any tenant; `digest` is its SHA-256. */
export async function revoke(
  house: House,
  module: { readonly digest: string; readonly because: string },
  by: Principal,
): Promise<void> {
  await decided(house, by, `sha256:${module.digest}`, () => house.plugins.revoke(module.digest, module.because));
}

export function publicKeyFile(path: string): string {
  return readTextFile(path);
}

async function decided(
  house: House,
  by: Principal,
  id: string,
  effect: (parts: Trust) => Promise<void>,
): Promise<void> {
  const resource = { kind: 'publisher', id, attributes: {} };
  const { trust: parts } = await house.plugins.parts();
  await permit(house, { name: 'plugin.trust', principal: by, tenant: platform(house), resource }, () => effect(parts));
}
