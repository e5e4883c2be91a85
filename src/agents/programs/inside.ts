import type { SandboxCommand } from '#domain/sandbox.ts';
import type { ModelAccess } from '../ports.ts';
import type { RunContext } from '../runner.ts';
import { filled, filledJson, type FoundProgram, type Words } from './program.ts';

/** How the forwarder is started inside walls; the socket and the program come after it. */
export interface Forwarder {
  readonly argv: readonly string[];
  readonly readOnly: readonly string[];
  /** Port of the walls' own loopback on which it listens. */
  readonly port: number;
}

/** An agent's program ready to start: its only way out of the walls is the gateway. End it after the program. */
export interface Inside extends AsyncDisposable {
  readonly words: Words;
  command(more: Partial<Words>): SandboxCommand;
}

/** Opens the way to the gateway for one program. Without walls the program reaches the gateway, as everything else, by itself. */
export async function inside(context: RunContext, program: FoundProgram, forwarder: Forwarder): Promise<Inside> {
  const access = await context.models.access();
  const home = await context.home();
  const isWalled = context.sandbox.profile.network === 'none';
  const socket = isWalled ? await context.models.socket() : undefined;
  const words = wordsOf(access, context, isWalled ? forwarder.port : undefined);
  return {
    words,
    command: (more) => {
      const all = { ...words, ...more };
      const argv = [program.path ?? program.program, ...program.args.map((each) => filled(each, all))];
      return {
        ordinal: context.ordinal,
        argv: socket === undefined ? argv : [...forwarder.argv, socket.path, ...argv],
        workspace: context.workspace.dir,
        environment: context.environment,
        readOnly: [...program.readOnly, ...(socket === undefined ? [] : [socket.path, ...forwarder.readOnly])],
        env: { ...environmentOf(program, all), NO_COLOR: '1', CI: 'true' },
        home,
        limits: context.limits,
      };
    },
    [Symbol.asyncDispose]: async () => socket?.[Symbol.asyncDispose](),
  };
}

function wordsOf(access: ModelAccess, { rung }: RunContext, port: number | undefined): Words {
  const url = port === undefined ? access.url : `http://127.0.0.1:${port}`;
  return { url, key: access.key, model: rung.model };
}

/** Words inside JSON stay JSON. */
function environmentOf(program: FoundProgram, words: Words): { readonly [name: string]: string } {
  return Object.fromEntries(
    Object.entries(program.env).map(([name, text]) => [
      name,
      (text.startsWith('{"') ? filledJson : filled)(text, words),
    ]),
  );
}

/** The files of the program's home, with their words replaced. */
export function furniture(program: FoundProgram, words: Words): { readonly [path: string]: string } {
  return Object.fromEntries(Object.entries(program.files).map(([path, text]) => [path, filled(text, words)]));
}
