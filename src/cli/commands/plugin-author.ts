import { resolve } from 'node:path';
import { buildCommand } from '@stricli/core';
import type { ScaffoldLanguage } from '#plugins/index.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { reasonLines, table, tell } from '../io.ts';

interface NewFlags extends CommonFlags {
  readonly language: ScaffoldLanguage;
  readonly name: string;
  readonly publisher: string;
}

interface ProfileFlags extends CommonFlags {
  readonly input: string;
  readonly repo?: string;
}

/** Lines that people are shown; `--json` has all. */
const MOST_ROWS = 20;

/** Compilers and the WASM runner are not what other commands wait for. */
const loadAuthor = () => import('#app/plugin/author.ts');

const text = (brief: string, placeholder: string) => ({ kind: 'parsed', parse: String, brief, placeholder }) as const;
const DIR = {
  kind: 'tuple',
  parameters: [{ brief: 'Folder of the plugin', parse: String, placeholder: 'DIR' }],
} as const;

export const newCommand = buildCommand<NewFlags, [dir: string], Shell>({
  docs: docs(
    'Make a plugin that counts words, to start from',
    'maestro plugin new word-count --language c --name acme.word-count --publisher acme',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      language: { kind: 'enum', values: ['assemblyscript', 'typescript', 'c', 'rust'], brief: 'What it is written in' },
      name: text("Dotted name; its namespace must be the publisher's", 'NAME'),
      publisher: text('Who will sign it', 'WHO'),
    },
    positional: DIR,
  },
  func: command(async ({ io }: Call, { language, name, publisher }: NewFlags, dir: string) => {
    const { newPlugin } = await loadAuthor();
    const files = await newPlugin({ folder: resolve(dir), language, name, publisher });
    tell(io, { folder: resolve(dir), files }, () => `${files.length} files written; next: maestro plugin build ${dir}`);
    return EXIT.done;
  }),
});

export const build = buildCommand<CommonFlags, [dir: string], Shell>({
  docs: docs('Compile a plugin and say whether a host would admit it', 'maestro plugin build word-count'),
  parameters: { flags: COMMON_FLAGS, positional: DIR },
  func: command(async ({ io }: Call, _flags: CommonFlags, dir: string) => {
    const { buildInto } = await loadAuthor();
    const { module, bytes, sha256, reasons } = await buildInto(resolve(dir));
    tell(io, { ok: reasons.length === 0, module, bytes, sha256, reasons }, () =>
      reasons.length === 0
        ? `${module}: ${bytes} bytes, SHA-256 ${sha256}`
        : `built, but no host admits it\n${reasonLines(reasons)}`,
    );
    return reasons.length === 0 ? EXIT.done : EXIT.bad;
  }),
});

export const sign = buildCommand<CommonFlags & { key: string }, [dir: string], Shell>({
  docs: docs(
    'Sign what was built, with SBOM and provenance',
    'maestro plugin sign word-count --key keys/acme.pem',
    'The key is made when there is no such file.',
  ),
  parameters: { flags: { ...COMMON_FLAGS, key: text('PEM file of the private key', 'FILE') }, positional: DIR },
  func: command(async ({ io }: Call, flags: CommonFlags & { key: string }, dir: string) => {
    const { signFolder } = await loadAuthor();
    const signed = await signFolder(resolve(dir), resolve(flags.key));
    tell(io, signed, () => `signed by ${signed.keyId}; the public key is ${signed.publicKey}`);
    return EXIT.done;
  }),
});

export const profile = buildCommand<ProfileFlags, [dir: string], Shell>({
  docs: docs(
    'Run what was built, signed or not, and show the fuel of each function',
    'maestro plugin profile word-count --input word-count/input.json',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      input: text('File that it gets', 'FILE'),
      repo: { ...text('Folder that it may read, as its manifest asks', 'DIR'), optional: true },
    },
    positional: DIR,
  },
  func: command(async ({ io }: Call, flags: ProfileFlags, dir: string) => {
    const { profileFolder } = await loadAuthor();
    const repo = flags.repo === undefined ? null : resolve(flags.repo);
    const { ok, fuel, output, rows } = await profileFolder(resolve(dir), resolve(flags.input), repo);
    tell(io, { ok, fuel, output, rows: rows.map((row) => ({ ...row })) }, () => {
      const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
      const lines = rows.slice(0, MOST_ROWS).map((row) => [percent(row.share), String(row.fuel), row.name]);
      const others = rows.slice(MOST_ROWS);
      if (others.length > 0) {
        const sum = (of: (row: { fuel: number; share: number }) => number): number =>
          others.reduce((total, row) => total + of(row), 0);
        lines.push([percent(sum((row) => row.share)), String(sum((row) => row.fuel)), `${others.length} others`]);
      }
      return `${table([['SHARE', 'FUEL', 'FUNCTION'], ...lines])}\n${fuel} fuel, ${ok ? 'output' : 'failed:'} ${output}`;
    });
    return ok ? EXIT.done : EXIT.bad;
  }),
});
