import { describe, expect, it } from 'vitest';
import { EMPTY_ENVIRONMENT } from '#domain/environment.ts';
import type { SandboxCommand } from '#domain/sandbox.ts';
import { argumentsFor, type Materials } from './arguments.ts';

const materials: Materials = {
  bwrap: '/usr/bin/bwrap',
  setpriv: '/usr/bin/setpriv',
  prlimit: '/usr/bin/prlimit',
  systemBinds: [],
  tools: { mounts: [], links: [] },
};

function walls(argv: readonly string[], readOnly: readonly string[]): string {
  const limits = { wallMs: 1000, memoryBytes: 1 << 30, processes: 10, outputBytes: 1000 };
  const place = { ordinal: 1, workspace: '/data/w', environment: EMPTY_ENVIRONMENT, env: {}, limits };
  const command: SandboxCommand = { ...place, argv, readOnly };
  return argumentsFor(command, { materials, user: undefined, mark: { name: 'MARK', value: 'm' } }).join(' ');
}

describe('what the walls show of the host', () => {
  it('shows a read-only path where it is', () => {
    const shown = walls(['node', '/app/src/main.ts'], ['/app/src']);

    expect(shown).toContain('--ro-bind /app/src /app/src');
    expect(shown).toMatch(/node \/app\/src\/main\.ts$/);
  });

  it('shows what the workspace would cover elsewhere, and says so to the program', () => {
    const shown = walls(['node', '/workspace/src/main.ts', '/workspace/other'], ['/workspace/src']);

    expect(shown).toContain('--ro-bind /workspace/src /opt/outer/workspace/src');
    expect(shown).toMatch(/node \/opt\/outer\/workspace\/src\/main\.ts \/workspace\/other$/);
  });
});
