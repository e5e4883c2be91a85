import { expect, test } from 'vitest';
import type { ServeGateway } from '#app/gateway/open-gateway.ts';
import type { House } from '#app/open.ts';
import { gatewayForRuns } from './for-runs.ts';

test('a gateway that could not be opened for one run is tried again for the next', async () => {
  let tries = 0;
  let ask: ServeGateway = () => Promise.resolve('nobody serves');
  // The cast is bounded: of the house it asks for these two only.
  const house = {
    models: { servedBy: (serve: ServeGateway) => void (ask = serve) },
    openGateway: () => Promise.reject(new Error(`the store cannot be reached, try ${++tries}`)),
  } as unknown as House;

  await using _gateway = gatewayForRuns(house);

  await expect(ask()).rejects.toThrow('try 1');
  await expect(ask()).rejects.toThrow('try 2');
});
