import { describe, expect, it } from 'vitest';
import { ManualClock } from '#kernel/clock.ts';
import { watchBuild } from './build-watch.ts';

function watched(stallMs: number) {
  const clock = new ManualClock(0);
  const said: object[] = [];
  let bytes = 0;
  const proxy = { receivedBytes: () => bytes };
  const watch = watchBuild(['npm', 'ci'], proxy, { clock, stallMs, progress: (of) => said.push(of) });
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 10_000) {
      await clock.advance(10_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { watch, said, pass, receive: (count: number) => (bytes += count) };
}

describe('the watch over a build', () => {
  it('stops it at the first word of a certificate that is not trusted', () => {
    const { watch } = watched(60_000);

    watch.heard('npm http fetch GET 200 https://registry.example/a 12ms\n');
    const before = watch.stop.aborted;
    watch.heard('npm http fetch GET https://registry.example/b attempt 1 failed with SELF_SIGNED_CERT_IN_CHAIN\n');

    expect(before).toBe(false);
    expect(watch.stop.reason).toMatchObject({ code: 'ENVIRONMENT_REGISTRY_UNTRUSTED' });
  });

  it('tells how far it is, and lets it go on while it says or receives something', async () => {
    const { watch, said, pass, receive } = watched(30_000);

    await pass(20_000);
    receive(5);
    await pass(20_000);
    watch.heard('still here\n');
    await pass(20_000);

    expect(watch.stop.aborted).toBe(false);
    expect(said).toHaveLength(6);
    expect(said.at(-1)).toEqual({ command: 'npm ci', receivedBytes: 5, forMs: 60_000 });
    watch[Symbol.dispose]();
  });

  it('stops it when nothing was said or received for too long, and tells its last words', async () => {
    const { watch, pass } = watched(30_000);
    watch.heard('resolving\n');

    await pass(40_000);

    expect(watch.stop.reason).toMatchObject({
      code: 'ENVIRONMENT_BUILD_STALLED',
      message: expect.stringContaining('its last line was: resolving'),
    });
  });
});
