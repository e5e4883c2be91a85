import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json } from '#kernel/json.ts';
import type { PluginState } from '#plugins/ports.ts';

/** Plugin state as JSON files in one folder, each replaced as a whole. */
export function stateFolder(folder: string): PluginState {
  return {
    load: async (name) => {
      try {
        // The cast is true: JSON.parse gives JSON.
        return JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')) as Json;
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
        throw error;
      }
    },
    save: async (name, value) => {
      await mkdir(folder, { recursive: true });
      const beside = join(folder, `${name}.${process.pid}.new`);
      await writeFile(beside, JSON.stringify(value, null, 1), { mode: 0o600 });
      await rename(beside, join(folder, `${name}.json`));
    },
  };
}
