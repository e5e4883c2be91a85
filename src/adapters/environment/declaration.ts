import { parse } from 'yaml';
import { z } from 'zod';
import { environmentFault } from './errors.ts';

export const DECLARATION_FILE = '.maestro.yaml';

const inside = z
  .string()
  .regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$))[^\0]+$/, 'must be a path inside the repository')
  .transform((path) => path.replace(/^\.\//, '').replace(/\/+$/, ''));

const environment = z.strictObject({
  manager: z
    .enum(['npm', 'pnpm', 'yarn', 'none'])
    .optional()
    .describe('the package manager; found by its lock file unless given'),
  directory: inside.default('.').describe('folder of package.json and lock file'),
  installScripts: z.array(z.string()).default([]).describe('packages whose install scripts are needed'),
  commands: z
    .array(z.array(z.string()).min(1))
    .default([])
    .describe('programs that build the environment instead, each a list of arguments'),
  folders: z.array(inside).default([]).describe('folders that the commands fill, to be kept'),
  scratch: z.array(inside).default([]).describe('folders below those that programs may write to while they run'),
  env: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string())
    .default({})
    .describe('variables for every program'),
});

/** The section `environment` of `.maestro.yaml`; absent parts have their defaults. */
export type Declaration = z.infer<typeof environment>;

const file = z.looseObject({ environment: environment.optional() }).nullable();

export const NOTHING_DECLARED: Declaration = environment.parse({});

/** Reads a repository's declaration; text that is not one is a fault that names the place. */
export function readDeclaration(text: string | undefined): Declaration {
  if (text === undefined) return NOTHING_DECLARED;
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    throw environmentFault('ENVIRONMENT_DECLARATION_INVALID', `${DECLARATION_FILE} is not YAML: ${String(cause)}`, {
      cause,
    });
  }
  const read = file.safeParse(value ?? null);
  if (read.success) return read.data?.environment ?? NOTHING_DECLARED;
  const [issue] = read.error.issues;
  const place = issue?.path.join('.') ?? '';
  throw environmentFault(
    'ENVIRONMENT_DECLARATION_INVALID',
    `${DECLARATION_FILE}, at ${place}: ${issue?.message ?? ''}`,
  );
}
