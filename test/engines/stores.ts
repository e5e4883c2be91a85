import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoreLocation } from '#adapters/sql/index.ts';
import { startPostgres } from './postgres.ts';

/** Gives a fresh, empty place for a store at each call: its own file, or its own schema. */
export interface StorePlaces {
  next(): StoreLocation;
  stop(): Promise<void>;
}

export const ENGINES = ['sqlite', 'postgres'] as const;

/** Undefined when the engine is not on this machine; the missing one was printed. */
export async function startEngine(engine: (typeof ENGINES)[number]): Promise<StorePlaces | undefined> {
  let count = 0;
  if (engine === 'sqlite') {
    const dir = mkdtempSync(join(tmpdir(), 'maestro-sqlite-'));
    return {
      next: () => ({ engine, path: join(dir, `${++count}`, 'maestro.db') }),
      stop: async () => rmSync(dir, { recursive: true, force: true }),
    };
  }
  const server = await startPostgres();
  if (server === undefined) return undefined;
  return { next: () => ({ engine, url: server.url, schema: `s${++count}` }), stop: () => server.stop() };
}
