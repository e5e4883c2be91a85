import { buildCommand, buildRouteMap } from '@stricli/core';
import type { Repository } from '#domain/repository.ts';
import { openHouse } from '#app/open.ts';
import { addRepo, allRepos, getRepo, repoDocument } from '#app/tenants/repositories.ts';
import { getTenant } from '#app/tenants/tenants.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { table, tell } from '../io.ts';
import { me } from '../me.ts';

interface AddFlags extends CommonFlags {
  readonly tenant: string;
  readonly name?: string;
  readonly branch?: string;
  readonly test?: readonly string[];
}

const TENANT = { kind: 'parsed', parse: String, brief: 'Tenant that owns it', placeholder: 'T' } as const;

function linesOf(repos: readonly Repository[]): string {
  if (repos.length === 0) return 'No repositories yet. Add one: maestro repo add --tenant T PATH_OR_URL';
  const rows = repos.map(({ id, defaultBranch, head, origin }) => [id, defaultBranch, head.slice(0, 12), origin]);
  return table([['REPOSITORY', 'BRANCH', 'HEAD', 'FROM'], ...rows]);
}

export const repoRoutes = buildRouteMap({
  docs: { brief: 'The repositories of the tenants' },
  routes: {
    add: buildCommand<AddFlags, [origin: string], Shell>({
      docs: docs(
        'Take a repository in; its working tree is not touched',
        'maestro repo add --tenant atlas ../storefront',
      ),
      parameters: {
        flags: {
          ...COMMON_FLAGS,
          tenant: TENANT,
          name: {
            kind: 'parsed',
            parse: String,
            brief: 'Name (last part of the path)',
            optional: true,
            placeholder: 'NAME',
          },
          branch: {
            kind: 'parsed',
            parse: String,
            brief: 'Branch to land on (the one of HEAD)',
            optional: true,
            placeholder: 'B',
          },
          test: {
            kind: 'parsed',
            parse: String,
            brief: 'Test command, one flag for each word (found in package.json)',
            variadic: true,
            optional: true,
            placeholder: 'WORD',
          },
        },
        positional: {
          kind: 'tuple',
          parameters: [{ brief: 'Path or address of the repository', parse: String, placeholder: 'PATH_OR_URL' }],
        },
      },
      func: command(async ({ io }: Call, flags: AddFlags, origin: string) => {
        await using house = await openHouse(flags);
        const tenant = await getTenant(house, flags.tenant);
        const { repo, warnings } = await addRepo(house, {
          tenant,
          origin,
          by: me(house),
          ...(flags.name === undefined ? {} : { name: flags.name }),
          ...(flags.branch === undefined ? {} : { branch: flags.branch }),
          onProgress: (line) => (io.live ? io.err(`${line}\n`) : undefined),
          ...(flags.test === undefined ? {} : { testCommand: flags.test }),
        });
        for (const warning of warnings) io.err(`warning: ${warning}\n`);
        tell(io, { ...repoDocument(repo), warnings }, () => linesOf([repo]));
        return EXIT.done;
      }),
    }),
    url: buildCommand<CommonFlags & { tenant: string }, [string], Shell>({
      docs: docs(
        'Print the address to clone a repository from while `maestro up` runs; it holds a token',
        'maestro repo url --tenant atlas storefront',
      ),
      parameters: {
        flags: { ...COMMON_FLAGS, tenant: TENANT },
        positional: { kind: 'tuple', parameters: [{ brief: 'Repository', parse: String, placeholder: 'R' }] },
      },
      func: command(async ({ io }: Call, flags: CommonFlags & { tenant: string }, name: string) => {
        await using house = await openHouse(flags);
        const repo = await getRepo(house, await getTenant(house, flags.tenant), name);
        const { host, port } = house.http;
        const url = `http://maestro:${house.gitToken}@${host}:${port}/git/${repo.id}.git`;
        tell(io, { id: repo.id, url }, () => url);
        return EXIT.done;
      }),
    }),
    list: buildCommand<CommonFlags & { tenant: string }, [], Shell>({
      docs: docs('List the repositories of a tenant', 'maestro repo list --tenant atlas'),
      parameters: { flags: { ...COMMON_FLAGS, tenant: TENANT } },
      func: command(async ({ io }: Call, flags: CommonFlags & { tenant: string }) => {
        await using house = await openHouse(flags);
        const tenant = await getTenant(house, flags.tenant);
        const repos = await allRepos(house, tenant);
        tell(io, repos.map(repoDocument), () => linesOf(repos));
        return EXIT.done;
      }),
    }),
  },
});
