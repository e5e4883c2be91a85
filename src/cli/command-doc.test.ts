import { buildApplication, buildCommand, buildRouteMap } from '@stricli/core';
import { expect, it } from 'vitest';
import { commandDocs } from './command-doc.ts';

function application(fullDescription: string) {
  const add = buildCommand({
    docs: { brief: 'Adds a tenant', fullDescription },
    parameters: { positional: { kind: 'tuple', parameters: [{ brief: 'Name', parse: String, placeholder: 'ID' }] } },
    func: (_flags: object, id: string) => void id,
  });
  const tenant = buildRouteMap({ docs: { brief: 'Tenants' }, routes: { add } });
  return buildApplication(buildRouteMap({ docs: { brief: 'Maestro' }, routes: { tenant } }), { name: 'maestro' });
}

it('documents each command by its own help, with its example', () => {
  const docs = commandDocs(application('Adds a tenant.\n\nExample: maestro tenant add core'));

  expect(docs).toEqual([
    {
      path: 'tenant add',
      help: expect.stringContaining('maestro tenant add <ID>'),
      example: 'maestro tenant add core',
    },
  ]);
});

it('refuses a command without an example', () => {
  expect(() => commandDocs(application('Adds a tenant.'))).toThrow('the help of maestro tenant add has no example');
});
