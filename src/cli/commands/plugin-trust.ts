import { resolve } from 'node:path';
import { buildCommand } from '@stricli/core';
import { distrust as disbelieve, publicKeyFile, revoke as revokeModule, trust as believe } from '#app/plugin/belief.ts';
import { openHouse } from '#app/open.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { reasonLines, tell } from '../io.ts';
import { me } from '../me.ts';

interface TrustFlags extends CommonFlags {
  readonly namespace: string;
  readonly key: string;
}

const text = (brief: string, placeholder: string) => ({ kind: 'parsed', parse: String, brief, placeholder }) as const;
const WHO = { kind: 'tuple', parameters: [{ brief: 'Publisher', parse: String, placeholder: 'WHO' }] } as const;

/** SHA-256 hex, also as `sha256:...`. Throws for anything else. */
function digest(input: string): string {
  const hex = /^(?:sha256:)?([0-9a-f]{64})$/.exec(input)?.[1];
  if (hex === undefined) throw new Error('a digest is 64 hex digits, as maestro plugin list --json shows them');
  return hex;
}

export const trust = buildCommand<TrustFlags, [who: string], Shell>({
  docs: docs(
    'Believe a key of a publisher, for a year, about names in a namespace',
    'maestro plugin trust acme --namespace acme. --key word-count/built/publisher.pub',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      namespace: text('How the names begin', 'PREFIX'),
      key: text('PEM file of the public key', 'FILE'),
    },
    positional: WHO,
  },
  func: command(async ({ io }: Call, flags: TrustFlags, who: string) => {
    await using house = await openHouse(flags);
    const { namespace } = flags;
    await believe(house, { name: who, namespace, pem: publicKeyFile(resolve(flags.key)) }, me(house));
    tell(io, { publisher: who, namespace }, () => `${who} is believed about ${namespace}*`);
    return EXIT.done;
  }),
});

export const distrust = buildCommand<CommonFlags, [who: string], Shell>({
  docs: docs('Believe a publisher no more: nothing that it signed loads', 'maestro plugin distrust acme'),
  parameters: { flags: COMMON_FLAGS, positional: WHO },
  func: command(async ({ io }: Call, flags: CommonFlags, who: string) => {
    await using house = await openHouse(flags);
    await disbelieve(house, who, me(house));
    tell(io, { publisher: who, revoked: true }, () => `nothing that ${who} signed loads any more`);
    return EXIT.done;
  }),
});

export const revoke = buildCommand<CommonFlags & { because: string }, [digest: string], Shell>({
  docs: docs(
    'Run one module no more, for any tenant',
    `maestro plugin revoke ${'0123456789abcdef'.repeat(4)} --because "leaks names"`,
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      because: { ...text('Reason that a refused run is given', 'WHY'), default: 'revoked by a person' },
    },
    positional: {
      kind: 'tuple',
      parameters: [{ brief: 'SHA-256 of the module', parse: digest, placeholder: 'DIGEST' }],
    },
  },
  func: command(async ({ io }: Call, flags: CommonFlags & { because: string }, hex: string) => {
    await using house = await openHouse(flags);
    await revokeModule(house, { digest: hex, because: flags.because }, me(house));
    tell(io, { digest: hex, because: flags.because }, () => `${hex} runs no more`);
    return EXIT.done;
  }),
});

export const verify = buildCommand<CommonFlags, [dir: string], Shell>({
  docs: docs('Prove a signed folder against whom this installation believes', 'maestro plugin verify word-count'),
  parameters: {
    flags: COMMON_FLAGS,
    positional: { kind: 'tuple', parameters: [{ brief: 'Folder of the plugin', parse: String, placeholder: 'DIR' }] },
  },
  func: command(async ({ io }: Call, flags: CommonFlags, dir: string) => {
    const { verifyFolder } = await import('#app/plugin/market.ts');
    await using house = await openHouse(flags);
    const answer = await verifyFolder(house, resolve(dir));
    if (!answer.ok) {
      tell(io, { ok: false, reasons: answer.reasons }, () => reasonLines(answer.reasons));
      return EXIT.bad;
    }
    const { manifest, digests, builder, keyIds } = answer.verified;
    const { name, version, publisher } = manifest;
    tell(
      io,
      { ok: true, id: name, version, publisher, digests, builder, keyIds },
      () => `ok: ${name} ${version} by ${publisher}, module ${digests.module}`,
    );
    return EXIT.done;
  }),
});
