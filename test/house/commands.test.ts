import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const FOLDER = new URL('../../src/cli/commands/', import.meta.url);

test('every command that works on the queue serves models to the agents that it may get', () => {
  const commands = readdirSync(FOLDER).map((name) => [name, readFileSync(new URL(name, FOLDER), 'utf8')] as const);
  const working = commands.filter(([, text]) => /new Worker\(|waitForEnd\(/.test(text));
  const serving = working.filter(([, text]) => /gatewayForRuns\(|\.servedBy\(/.test(text));

  expect(working.length).toBeGreaterThan(3);
  expect(serving.map(([name]) => name)).toEqual(working.map(([name]) => name));
});
