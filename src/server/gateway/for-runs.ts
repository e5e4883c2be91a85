import type { House } from '#app/open.ts';
import { Lazy } from '#kernel/lazy.ts';

/** Serves the gateway to the runs of this process on loopback, from the moment the first one asks until it is disposed. */
export function gatewayForRuns(house: House): AsyncDisposable {
  const stop = new AbortController();
  let ended: Promise<unknown> | undefined;
  const url = new Lazy(async () => {
    const { serveGateway } = await import('./serve.ts'); // commands that run no agent start without the server
    const open = await house.openGateway();
    await open.start();
    const server = await serveGateway(open, { host: '127.0.0.1', port: 0 });
    const run = async (): Promise<void> => {
      await using _server = server;
      await open.run(stop.signal);
    };
    ended = run();
    return server.url;
  });
  house.models.servedBy(() => url.get());
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await url.made();
      await ended;
    },
  };
}
