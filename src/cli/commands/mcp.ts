import { buildCommand } from '@stricli/core';
import { openHouse } from '#app/open.ts';
import { getTenant } from '#app/tenants/tenants.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { untilAborted } from '../until-aborted.ts';
import { me } from '../me.ts';

interface McpFlags extends CommonFlags {
  readonly tenant: string;
  readonly http: boolean;
  readonly port: number;
}

export const mcpCommand = buildCommand<McpFlags, [], Shell>({
  docs: docs(
    "Serve submit, status, evidence and the tenant's plugins as MCP tools to an assistant",
    'maestro mcp --tenant atlas --http --port 4530',
    'It speaks on standard input and output, or with --http as streamable HTTP at /mcp; the first line then has the token that clients send as Bearer. Tasks are done by `maestro up` or `maestro worker`.',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      tenant: { kind: 'parsed', parse: String, brief: 'Tenant for whom the assistant acts', placeholder: 'T' },
      http: { kind: 'boolean', brief: 'Streamable HTTP on loopback', default: false, withNegated: false },
      port: { kind: 'parsed', parse: Number, brief: 'Port; 0 takes a free one', default: '0', placeholder: 'N' },
    },
  },
  func: command(async ({ io, signal, stdin }: Call, flags: McpFlags) => {
    await using house = await openHouse(flags);
    const caller = { tenant: await getTenant(house, flags.tenant), by: me(house) };
    const { mcpOnStdio, serveMcp } = await import('#server/mcp/serve.ts'); // other commands start without it
    if (!flags.http) {
      await mcpOnStdio(house, caller, stdin, signal);
      return EXIT.done;
    }
    await using served = await serveMcp(house, caller, { host: '127.0.0.1', port: flags.port });
    io.out(`${JSON.stringify({ ready: true, url: served.url, token: house.gitToken })}\n`);
    await untilAborted(signal);
    return EXIT.done;
  }),
});
