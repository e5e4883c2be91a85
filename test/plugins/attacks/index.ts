import { FILE_ATTACKS } from './files.ts';
import type { Attack } from './lab.ts';
import { MODULE_ATTACKS } from './modules.ts';
import { PACKAGE_ATTACKS } from './packages.ts';
import { TEXT_ATTACKS } from './text.ts';

/** The attack table; rows 3 (race) and the mutations have files of their own, row 23 is in the installation's tests. */
export const ATTACKS: readonly Attack[] = [...FILE_ATTACKS, ...MODULE_ATTACKS, ...TEXT_ATTACKS, ...PACKAGE_ATTACKS];
