import { describe, expect, it } from 'vitest';
import { ManualClock, nextTurn } from '#kernel/clock.ts';
import { Drains } from './drains.ts';
import { Stop } from './stop.ts';

function closing(drains: Drains): { readonly is: string } {
  const state = { is: 'waiting' };
  void drains.close().then(() => (state.is = 'closed'));
  return state;
}

describe('answers under way', () => {
  it('are waited for by a gateway that stops, which begins no more of them', async () => {
    const drains = new Drains({ clock: new ManualClock(0), drainMs: 1000 });
    const [one, two] = [drains.reading(new Stop()), drains.reading(new Stop())];

    const state = closing(drains);
    one.done();
    one.done();
    await nextTurn();
    const before = state.is;
    two.done();
    await nextTurn();

    expect([before, state.is]).toEqual(['waiting', 'closed']);
    expect(() => drains.reading(new Stop())).toThrow(expect.objectContaining({ code: 'GATEWAY_STOPPING' }));
  });

  it('are ended after the time of a client that hung up, counted from the earlier of hanging up and stopping', async () => {
    const clock = new ManualClock(0);
    const drains = new Drains({ clock, drainMs: 1000 });
    const gone = new Stop();
    const [left, waits] = [drains.reading(gone), drains.reading(new Stop())];
    const ended = (): readonly boolean[] => [left, waits].map(({ stop }) => stop.reason !== undefined);

    gone.now(new Error('the client hung up'));
    clock.advance(600);
    const state = closing(drains);
    clock.advance(400);
    await nextTurn();
    const first = ended();
    clock.advance(600);
    await nextTurn();
    const second = ended();
    const before = state.is;
    clock.advance(1000);
    await nextTurn();

    expect({ first, second }).toEqual({ first: [true, false], second: [true, true] });
    expect([before, state.is]).toEqual(['waiting', 'closed']);
  });
});
