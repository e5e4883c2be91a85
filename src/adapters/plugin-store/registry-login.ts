import { z } from 'zod';
import { PluginStoreError } from './errors.ts';

/** Who logs in at a registry. */
export interface RegistryCredentials {
  readonly user: string;
  readonly token: string;
}

const tokenSchema = z.object({ token: z.string().optional(), access_token: z.string().optional() });
const WAIT_MS = 30_000;

/**
 * The `authorization` that answers a registry's challenge (distribution-spec, token authentication): Basic as it is, Bearer
 * by a token that the named realm gives for the credentials. Null when the challenge is of another kind.
 */
export async function answerChallenge(
  challenge: string,
  credentials: RegistryCredentials | undefined,
): Promise<string | null> {
  const basic = credentials === undefined ? undefined : `Basic ${encode(credentials)}`;
  if (/^basic\b/i.test(challenge)) return basic ?? null;
  if (!/^bearer\b/i.test(challenge)) return null;
  const parts = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]));
  const realm = parts.get('realm') ?? '';
  if (!URL.canParse(realm)) return null;
  const address = new URL(realm);
  requireSafe(address);
  for (const name of ['service', 'scope']) {
    const value = parts.get(name);
    if (value !== undefined) address.searchParams.set(name, value);
  }
  const headers = basic === undefined ? {} : { authorization: basic };
  const response = await fetch(address, { headers, redirect: 'error', signal: AbortSignal.timeout(WAIT_MS) });
  if (!response.ok)
    throw new PluginStoreError('REGISTRY_FAILED', `${address.origin} refused the login with ${response.status}`);
  const read = tokenSchema.safeParse(await response.json()).data;
  const token = read?.token ?? read?.access_token;
  return token === undefined ? null : `Bearer ${token}`;
}

/** Credentials travel over TLS, or not beyond this machine. Throws REGISTRY_FAILED. */
export function requireSafe({ protocol, hostname, origin }: URL): void {
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  if (protocol === 'https:' || local) return;
  throw new PluginStoreError('REGISTRY_FAILED', `${origin} is not https, so no credentials are sent there`);
}

function encode({ user, token }: RegistryCredentials): string {
  return Buffer.from(`${user}:${token}`).toString('base64');
}
