import { delimiter, dirname } from 'node:path';
import { type Clock, systemClock } from '#kernel/clock.ts';
import { Ids } from '#kernel/ids.ts';
import { jsonLog, type Log } from '#kernel/log.ts';
import { type Random, systemRandom } from '#kernel/random.ts';
import type { DataKeys } from '#adapters/keys/index.ts';
import type { Machine } from '#adapters/machine/index.ts';
import { dataKeysOf, opener, withOpenSecrets } from './keys.ts';
import type { Config } from '../config/config.ts';
import type { Settings } from '../config/settings.ts';

/** What only the process that starts knows. */
export interface Surroundings {
  readonly config: Config;
  readonly machine: Machine;
  readonly version: string;
  readonly writeLog: (line: string) => void;
}

/** What every part is built with. */
export interface Tools {
  readonly settings: Settings;
  /** What is stored encrypted is encrypted with these. */
  readonly keys: DataKeys;
  /** A secret from a file or a setting, as it was before it was sealed. */
  readonly openSecret: (text: string) => string;
  readonly machine: Machine;
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly log: Log;
  readonly dataDir: string;
  /** Folder of this Node first, so that programs find the pinned one. */
  readonly searchPath: string;
  readonly extraCa: string | undefined;
  readonly user: string;
}

export function toolsOf({ config, machine, writeLog }: Surroundings): Tools {
  const { searchPath, extraCa } = config;
  const clock = systemClock;
  const random = systemRandom;
  const keys = dataKeysOf(config.settings, random);
  const openSecret = opener(keys);
  const settings = withOpenSecrets(config.settings, openSecret);
  return {
    settings,
    keys,
    openSecret,
    machine,
    clock,
    random,
    ids: new Ids({ clock, random }),
    log: jsonLog({ clock, write: writeLog, least: settings['log.level'] }),
    dataDir: settings.dataDir,
    extraCa,
    searchPath: [dirname(machine.node), searchPath].join(delimiter),
    user: settings.user ?? machine.account,
  };
}
