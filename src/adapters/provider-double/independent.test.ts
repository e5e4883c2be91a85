import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('shares no code with the gateway, so that its invoice is a second opinion', () => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const imports = files
    .filter((name) => !name.endsWith('.test.ts'))
    .flatMap((name) => [
      ...readFileSync(join(import.meta.dirname, name), 'utf8').matchAll(
        /from '(#[^']+|@pydantic[^']*|gpt-tokenizer[^']*)'/g,
      ),
    ])
    .map(([, specifier]) => specifier);

  expect([...new Set(imports)]).toEqual(['#kernel/clock.ts']);
});
