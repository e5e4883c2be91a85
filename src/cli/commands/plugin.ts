import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { buildCommand, buildRouteMap } from '@stricli/core';
import { openHouse } from '#app/open.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { reasonLines, table, tell } from '../io.ts';
import { me } from '../me.ts';
import { build, newCommand, profile, sign } from './plugin-author.ts';
import { distrust, revoke, trust, verify } from './plugin-trust.ts';

interface TenantFlags extends CommonFlags {
  readonly tenant: string;
}

interface InstallFlags extends TenantFlags {
  readonly yes: boolean;
}

interface RunFlags extends TenantFlags {
  readonly input: string;
  readonly repo?: string;
}

/** The plan of an installation, as far as a person is shown it. */
interface Rights {
  readonly rights: readonly string[];
  readonly more: readonly string[];
  readonly less: readonly string[];
}

/** Signatures and the WASM runner are not what other commands wait for. */
const loadMarket = () => import('#app/plugin/market.ts');

const text = (brief: string, placeholder: string) => ({ kind: 'parsed', parse: String, brief, placeholder }) as const;
const TENANT = text('Tenant that it is for', 'T');
const word = (brief: string, placeholder: string) =>
  ({ kind: 'tuple', parameters: [{ brief, parse: String, placeholder }] }) as const;

function rightsLines({ rights, more, less }: Rights): string {
  const kept = rights.filter((right) => !more.includes(right) && !less.includes(right));
  const rows = [
    ...more.map((right) => `  + ${right}`),
    ...less.map((right) => `  - ${right}`),
    ...kept.map((right) => `    ${right}`),
  ];
  return rows.length === 0 ? '  it asks for no rights' : rows.join('\n');
}

/** Asks the person at the terminal; without one only `--yes` approves. */
async function approved({ io, stdin, signal }: Call, yes: boolean): Promise<boolean> {
  if (yes) return true;
  if (stdin.isTTY !== true || !io.live) {
    io.err('Nobody is there to ask: repeat the command with --yes to approve these rights\n');
    return false;
  }
  const lines = createInterface({ input: stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question('Install it with these rights? [y/N] ', { signal })).trim());
  } finally {
    lines.close();
  }
}

const publish = buildCommand<CommonFlags & { to?: string }, [dir: string], Shell>({
  docs: docs(
    'Put a signed plugin into the store of this installation',
    'maestro plugin publish word-count',
    'The login at a registry is set by plugins.registryUser and plugins.registryTokenFile, never by a flag.',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      to: { ...text('Registry and prefix that it is also pushed to', 'https://...'), optional: true },
    },
    positional: word('Folder of the plugin', 'DIR'),
  },
  func: command(async ({ io }: Call, flags: CommonFlags & { to?: string }, dir: string) => {
    const { publishFolder } = await loadMarket();
    await using house = await openHouse(flags);
    const listing = await publishFolder(house, resolve(dir), flags.to);
    tell(io, { ...listing }, () => `${listing.name}@${listing.version} published as sha256:${listing.digest}`);
    return EXIT.done;
  }),
});

const mirror = buildCommand<CommonFlags, [from: string], Shell>({
  docs: docs(
    'Copy plugins into the store: a repository of a registry, or the store folder of another installation',
    'maestro plugin mirror ./usb/store',
    'Nothing is believed for having been copied: installing verifies as ever.',
  ),
  parameters: { flags: COMMON_FLAGS, positional: word('https://registry/repository, or a folder', 'FROM') },
  func: command(async ({ io }: Call, flags: CommonFlags, from: string) => {
    const { mirrorInto } = await loadMarket();
    await using house = await openHouse(flags);
    const copied = await mirrorInto(house, /^https?:\/\//.test(from) ? from : resolve(from));
    const documents = copied.map((each) => ({ ...each }));
    tell(io, documents, () => copied.map(({ name, version }) => `${name}@${version}`).join('\n') || 'nothing there');
    return EXIT.done;
  }),
});

const search = buildCommand<CommonFlags, [words?: string], Shell>({
  docs: docs('Find plugins in the store by name, summary, publisher or licence', 'maestro plugin search word'),
  parameters: {
    flags: COMMON_FLAGS,
    positional: {
      kind: 'tuple',
      parameters: [{ brief: 'Words; all plugins without', parse: String, placeholder: 'WORDS', optional: true }],
    },
  },
  func: command(async ({ io }: Call, flags: CommonFlags, words?: string) => {
    const { searchStore } = await loadMarket();
    await using house = await openHouse(flags);
    const found = await searchStore(house, words ?? '');
    const documents = found.map((each) => ({ ...each }));
    tell(io, documents, () => {
      if (found.length === 0) return 'Nothing found. Put a plugin in: maestro plugin publish DIR';
      const rows = found.map(({ name, version, publisher, license, summary }) => [
        name,
        version,
        publisher,
        license,
        summary,
      ]);
      return table([['PLUGIN', 'VERSION', 'PUBLISHER', 'LICENCE', 'SUMMARY'], ...rows]);
    });
    return EXIT.done;
  }),
});

const install = buildCommand<InstallFlags, [reference: string], Shell>({
  docs: docs(
    'Install or upgrade a plugin for a tenant, once its rights are approved',
    'maestro plugin install acme.word-count --tenant atlas --yes',
    'Shows what rights it gets, more (+) and less (-) than before. Exit code 3 when they are not approved.',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      tenant: TENANT,
      yes: { kind: 'boolean', brief: 'Approve the rights unasked', default: false, withNegated: false },
    },
    positional: word('Name, or name@version; the newest without', 'NAME'),
  },
  func: command(async (call: Call, flags: InstallFlags, reference: string) => {
    const { io } = call;
    const { installPlugin } = await loadMarket();
    await using house = await openHouse(flags);
    const answer = await installPlugin(house, { tenant: flags.tenant, reference, by: me(house) }, async (plan) => {
      const { name, version, publisher } = plan.verified.manifest;
      if (!io.json) io.err(`${name} ${version} by ${publisher}\n${rightsLines(plan)}\n`);
      return approved(call, flags.yes);
    });
    if (!answer.ok) {
      tell(io, { ok: false, reasons: answer.reasons }, () => reasonLines(answer.reasons));
      return EXIT.refused;
    }
    const { verified, rights, more, less } = answer.plan;
    const { name: id, version, publisher } = verified.manifest;
    const digest = verified.digests.module;
    tell(
      io,
      { ok: true, id, version, publisher, digest, rights, more, less },
      () => `${id} ${version} installed for ${flags.tenant}`,
    );
    return EXIT.done;
  }),
});

const list = buildCommand<TenantFlags, [], Shell>({
  docs: docs('List the plugins of a tenant with their rights', 'maestro plugin list --tenant atlas'),
  parameters: { flags: { ...COMMON_FLAGS, tenant: TENANT } },
  func: command(async ({ io }: Call, flags: TenantFlags) => {
    const { listPlugins } = await loadMarket();
    await using house = await openHouse(flags);
    const plugins = await listPlugins(house, flags.tenant);
    const documents = plugins.map((plugin) => ({ ...plugin }));
    tell(io, documents, () => {
      if (plugins.length === 0) return 'No plugins yet. Find one: maestro plugin search';
      const rows = plugins.map(({ id, version, digest, rights }) => [id, version, digest, rights.join(', ')]);
      return table([['PLUGIN', 'VERSION', 'MODULE SHA-256', 'RIGHTS'], ...rows]);
    });
    return EXIT.done;
  }),
});

const run = buildCommand<RunFlags, [name: string], Shell>({
  docs: docs(
    'Run an installed plugin on an input, and apply the edits that its rights cover',
    'maestro plugin run acme.word-count --tenant atlas --input word-count/input.json',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      tenant: TENANT,
      input: text('JSON file that it gets', 'FILE'),
      repo: { ...text('Folder that it works on', 'DIR'), optional: true },
    },
    positional: word('Name of the plugin', 'NAME'),
  },
  func: command(async ({ io, signal }: Call, flags: RunFlags, id: string) => {
    const { runPlugin, readInput } = await loadMarket();
    const input = await readInput(resolve(flags.input));
    await using house = await openHouse(flags);
    const repo = flags.repo === undefined ? null : resolve(flags.repo);
    const document = await runPlugin(house, { tenant: flags.tenant, id, input, repo, by: me(house) }, signal);
    tell(io, document, () => JSON.stringify(document, null, 2));
    return document['ok'] === true ? EXIT.done : EXIT.bad;
  }),
});

const remove = buildCommand<TenantFlags, [name: string], Shell>({
  docs: docs('Take a plugin back from a tenant', 'maestro plugin remove acme.word-count --tenant atlas'),
  parameters: { flags: { ...COMMON_FLAGS, tenant: TENANT }, positional: word('Name of the plugin', 'NAME') },
  func: command(async ({ io }: Call, flags: TenantFlags, id: string) => {
    const { removePlugin } = await loadMarket();
    await using house = await openHouse(flags);
    await removePlugin(house, id, flags.tenant, me(house));
    tell(io, { id, removed: true }, () => `${flags.tenant} no longer has ${id}`);
    return EXIT.done;
  }),
});

export const pluginRoutes = buildRouteMap({
  docs: { brief: 'Skills in a WASM sandbox: make, sign, install, run' },
  routes: {
    new: newCommand,
    build,
    profile,
    sign,
    trust,
    distrust,
    verify,
    publish,
    mirror,
    search,
    install,
    list,
    run,
    remove,
    revoke,
  },
});
