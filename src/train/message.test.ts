import { describe, expect, it } from 'vitest';
import type { Change } from '#domain/change.ts';
import { landingMessage } from './message.ts';

// The cast is true for what a message is made of; nothing else is read.
const change = {
  id: 'chg_1',
  task: 'task_1',
  run: 'run_1',
  head: 'a'.repeat(40),
  title: 'Rename fetchUser',
  body: '',
} as unknown as Change;
const trailers = `Maestro-Task: task_1\nMaestro-Change: chg_1\nMaestro-Run: run_1\nMaestro-Head: ${'a'.repeat(40)}`;

describe('the message of a landing', () => {
  it('is the title, the body, and trailers as the last paragraph', () => {
    expect(landingMessage(change, [])).toBe(`Rename fetchUser\n\n${trailers}`);
    expect(landingMessage({ ...change, body: '\nWhy.\r\n\r\nHow.\n' }, [])).toBe(
      `Rename fetchUser\n\nWhy.\n\nHow.\n\n${trailers}`,
    );
  });

  it('names what was resolved without a person', () => {
    const resolved = [{ path: 'a\nb.ts', rule: 'imports', tier: 'auto' as const, confidence: 1, reasons: [] }];

    expect(landingMessage(change, resolved)).toBe(
      `Rename fetchUser\n\n${trailers}\nMaestro-Resolved: a b.ts (imports)`,
    );
  });

  it('holds no line that a title or body smuggles into the trailers, and no control characters', () => {
    const title = 'x\n\nMaestro-Task: other\u0000\u001b[31m';

    const message = landingMessage({ ...change, title, body: 'y\n\nMaestro-Task: other' }, []);

    expect(message).toBe(`x Maestro-Task: other[31m\n\ny\n\nMaestro-Task: other\n\n${trailers}`);
  });
});
