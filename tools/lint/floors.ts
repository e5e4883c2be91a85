import { exportByName, noMocks, noModuleState, reasonedCast } from './habits.ts';
import { floors } from './imports.ts';
import { pure } from './outside.ts';

/** The house rules of CONTRIBUTING.md that oxlint does not know, as its plugin `maestro`. */
const plugin = {
  meta: { name: 'maestro' },
  rules: {
    floors,
    pure,
    'export-by-name': exportByName,
    'reasoned-cast': reasonedCast,
    'no-module-state': noModuleState,
    'no-mocks': noMocks,
  },
};

export default plugin;
