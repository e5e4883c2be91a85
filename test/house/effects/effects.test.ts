import { fileURLToPath } from 'node:url';
import { Project, type SourceFile } from 'ts-morph';
import { describe, expect, it } from 'vitest';
import { type Finding, membersOf, Reach } from './reach.ts';
import { ADAPTER_USERS, BUILDER, EXCEPTIONS, PORTS, STATEMENTS } from './table.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const project = new Project({ tsConfigFilePath: `${root}tsconfig.json`, skipAddingFilesFromTsConfig: true });
project.addSourceFilesAtPaths(`${root}src/**/*.ts`);

const source = (path: string): SourceFile => project.getSourceFileOrThrow(`${root}${path}`);
const statements = source('src/adapters/sql/index.ts').getExportedDeclarations();

function allFindings(reach: Reach): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [port, members] of Object.entries(PORTS)) {
    const [path = '', type = ''] = port.split('#');
    const declared = membersOf(source(path), type);
    for (const [member, kind] of Object.entries(members)) {
      const declaration = declared.get(member);
      if (typeof kind === 'string' || declaration === undefined) continue;
      findings.push(...reach.findings(`${type}.${member}`, declaration, kind));
    }
  }
  for (const [name, kind] of Object.entries(STATEMENTS)) {
    const [declaration] = statements.get(name) ?? [];
    if (typeof kind === 'string' || declaration === undefined || !('findReferencesAsNodes' in declaration)) continue;
    findings.push(...reach.findings(name, declaration, kind));
  }
  return findings;
}

describe('the table of effects', () => {
  it.each(Object.entries(PORTS))('knows what each member of %s does', (port, members) => {
    const [path = '', type = ''] = port.split('#');

    expect([...membersOf(source(path), type).keys()].sort()).toEqual(Object.keys(members).sort());
  });

  it('knows every statement that writes for a tenant', () => {
    const writing = [...statements.keys()].filter((name) =>
      /^(add|update|change|move|put|set|record|append|delete|erase|approve|revoke|use)[A-Z]/.test(name),
    );
    const settings = ['putSetting'];

    expect(writing.filter((name) => !settings.includes(name)).sort()).toEqual(Object.keys(STATEMENTS).sort());
  });

  it('knows every file that could go around it by an adapter', () => {
    const users = ['app', 'cli', 'server'].flatMap((floor) =>
      project
        .getSourceFiles(`${root}src/${floor}/**/*.ts`)
        .filter((file) => !file.getBaseName().endsWith('.test.ts'))
        .filter((file) =>
          file.getImportDeclarations().some((node) => usesAdapter(node.getModuleSpecifierValue(), node.isTypeOnly())),
        )
        .map((file) => file.getFilePath().replace(root, '')),
    );

    const others = users.filter((path) => !path.startsWith(BUILDER));
    expect(others.sort()).toEqual(Object.keys(ADAPTER_USERS).sort());
  });
});

function usesAdapter(specifier: string, typeOnly: boolean): boolean {
  return specifier.startsWith('#adapters/') && specifier !== '#adapters/sql/index.ts' && !typeOnly;
}

describe('every effect', () => {
  it('is reached behind a decision about one of its actions, or by a way that is listed with its reason', () => {
    const reach = new Reach({ root, exceptions: EXCEPTIONS });

    expect(allFindings(reach)).toEqual([]);
    expect(EXCEPTIONS.filter((exception) => !reach.met.has(exception))).toEqual([]);
  });
});

/** Ways around a decision, and ways that are right, as functions of one file. */
const SEED = `
import { perform, permit } from './perform.ts';
import type { House } from './house.ts';
import type { Road } from './road.ts';
const push = { repo: 'r', branch: 'b', from: null, to: 'c' } as never;
const decided = { name: 'change.push' } as const;
const other = { name: 'task.submit' } as const;

export async function wrongDirect(house: House) { await house.forge.pushBranch(push); }
export async function wrongAfter(house: House) {
  await perform(house, decided as never, async () => undefined);
  await house.forge.pushBranch(push);
}
export async function wrongDestructured({ forge }: House) { await forge.pushBranch(push); }
export async function wrongMethod(house: House) { const { pushBranch } = house.forge; await pushBranch(push); }
export async function wrongBound(house: House) { const go = house.forge.pushBranch.bind(house.forge); await go(push); }
export async function wrongIndexed(house: House) { await house.forge['pushBranch'](push); }
export async function wrongStep(road: Road) { await road.step('s', async () => { await road.house.forge.pushBranch(push); return null; }); }
export async function wrongAction(house: House) { await permit(house, other as never, () => house.forge.pushBranch(push)); }
export async function wrongRequest(house: House) {
  await permit(house, decided as never, () => Promise.resolve(house));
  await Promise.all([push].map((each) => house.forge.pushBranch(each)));
}
export async function wrongRoadAction(road: Road) {
  await road.perform('s', 'change.propose', { kind: 'k', id: 'i' }, async () => { await road.house.forge.pushBranch(push); return null; });
}
async function shared(house: House) { await house.forge.pushBranch(push); }
export async function rightShared(house: House) { await permit(house, decided as never, () => shared(house)); }
export async function wrongShared(house: House) { await shared(house); }
async function twice(house: House, run: () => Promise<unknown>) { await run(); await permit(house, decided as never, run); }
export async function wrongTwice(house: House) { await twice(house, () => house.forge.pushBranch(push)); }
export class WrongClass { async #go(house: House) { await house.forge.pushBranch(push); } async run(house: House) { await this.#go(house); } }

export async function rightPermit(house: House) { await permit(house, decided as never, () => house.forge.pushBranch(push)); }
export async function rightPerform(house: House) { await perform(house, decided as never, async () => { await house.forge.pushBranch(push); }); }
export async function rightRoad(road: Road) {
  const effect = async () => { await road.house.forge.pushBranch(push); return null; };
  await road.perform('s', 'change.push', { kind: 'k', id: 'i' }, effect);
}
async function handed(house: House, run: () => Promise<unknown>) { await permit(house, decided as never, async () => run()); }
export async function rightHanded(house: House) { await handed(house, () => house.forge.pushBranch(push)); }
`;

describe('a way around a decision', () => {
  it('is found in each of its forms, and a right way is not', () => {
    const seed = project.createSourceFile(`${root}src/app/zz-seed.ts`, SEED);
    try {
      const declaration = membersOf(source('src/train/ports.ts'), 'Forge').get('pushBranch');
      if (declaration === undefined) throw new Error('no pushBranch');
      const found = new Reach({ root, exceptions: [] }).findings('Forge.pushBranch', declaration, ['change.push']);
      const names = [...SEED.matchAll(/(?:function|class) ([wW]rong\w+)/g)].map(([, name = '']) => name);

      const ways = found.map(({ way }) => way).join('\n');
      expect(names.filter((name) => !ways.includes(name))).toEqual([]);
      expect(ways).not.toContain('right');
    } finally {
      project.removeSourceFile(seed);
    }
  });
});
