import { buildCommand } from '@stricli/core';
import { lockUp } from '#app/upkeep/up-lock.ts';
import { signInLink } from '../sign-in-link.ts';
import { openHouse } from '#app/open.ts';
import { tellWebhooks } from '#app/webhooks/webhook-teller.ts';
import { Worker } from '#app/worker.ts';
import { type Call, COMMON_FLAGS, command, type CommonFlags, docs, type Shell } from '../command.ts';
import { EXIT } from '../exit.ts';
import { untilAborted } from '../until-aborted.ts';

interface UpFlags extends CommonFlags {
  readonly port?: number;
  readonly host?: string;
}

export const upCommand = buildCommand<UpFlags, [], Shell>({
  docs: docs(
    'Serve the status page and the repositories, and work on the queue, until stopped',
    'maestro up --port 4510',
  ),
  parameters: {
    flags: {
      ...COMMON_FLAGS,
      port: { kind: 'parsed', parse: Number, brief: 'Port; 0 takes a free one', optional: true, placeholder: 'N' },
      host: { kind: 'parsed', parse: String, brief: 'Address to listen on', optional: true, placeholder: '127.0.0.1' },
    },
  },
  func: command(async ({ io, signal }: Call, flags: UpFlags) => {
    await using house = await openHouse(flags);
    await using lock = await lockUp(house);
    const { serve } = await import('#server/serve.ts'); // other commands start without the server
    const gateway = house.hasGateway ? await house.openGateway() : undefined;
    await gateway?.start();
    const at = { host: flags.host ?? house.http.host, port: flags.port ?? house.http.port };
    await using server = await serve(house, at, gateway);
    house.models.servedBy(async () => loopback(server.url));
    await lock.servesAt(server.url);
    const open = await signInLink(house, server.url);
    io.out(`${JSON.stringify({ ready: true, url: server.url, open, engines: house.engines })}\n`);
    const work = new Worker(house, house.workers).run(signal);
    await Promise.all([work, tellWebhooks(house, signal), gateway?.run(signal)]);
    // Drained, it serves on.
    await untilAborted(signal);
    return EXIT.done;
  }),
});

/** Where this process reaches its own server, whatever address that listens on. */
function loopback(url: string): string {
  const at = new URL(url);
  if (at.hostname === '0.0.0.0' || at.hostname === '[::]') at.hostname = '127.0.0.1';
  return at.origin;
}
