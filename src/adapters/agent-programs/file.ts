import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { type AgentProgram, KNOWN_PROGRAMS, programSchema } from '#agents/ports.ts';
import { AgentsFileError } from './errors.ts';

/** Agents cannot be called as what Maestro has itself. */
const OWN = ['native', 'recipe'];

const fileSchema = z.strictObject({
  agents: z.record(
    z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'a name has small letters, digits and dashes'),
    z.looseObject({ like: z.string().optional() }),
  ),
});

/** The agents that are known by themselves, and those of the file, which win; a file that is not there says nothing. */
export async function readAgentsFile(path: string): Promise<ReadonlyMap<string, AgentProgram>> {
  const found = new Map(Object.entries(KNOWN_PROGRAMS).map(([name, row]) => [name, programSchema.parse(row)]));
  const text = await readFile(path, 'utf8').catch((fault: NodeJS.ErrnoException) => {
    if (fault.code === 'ENOENT') return undefined;
    throw new AgentsFileError(fault.message, path, fault);
  });
  if (text === undefined) return found;
  for (const [name, { like, ...row }] of Object.entries(read(fileSchema, await yamlOf(text, path), path).agents)) {
    if (OWN.includes(name)) throw new AgentsFileError(`the name ${name} is taken`, path);
    const model = like === undefined ? {} : KNOWN_PROGRAMS[like];
    if (model === undefined) {
      throw new AgentsFileError(`${name} is like "${like}", which is none of ${[...found.keys()].join(', ')}`, path);
    }
    found.set(name, read(programSchema, { ...model, ...row }, path));
  }
  return found;
}

async function yamlOf(text: string, path: string): Promise<unknown> {
  const { parse } = await import('yaml'); // most have no such file
  try {
    const value: unknown = parse(text);
    return value;
  } catch (cause) {
    throw new AgentsFileError(cause instanceof Error ? cause.message : 'it is not YAML', path, cause);
  }
}

function read<S extends z.ZodType>(schema: S, value: unknown, path: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new AgentsFileError(z.prettifyError(result.error), path);
}
