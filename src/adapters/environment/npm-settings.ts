import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What npm on this machine is set to, as far as builds need it. */
export interface NpmSettings {
  /** Address of the registry. */
  readonly registry: string;
  /** File with certificates to trust beside those that Node brings along. */
  readonly cafile: string | undefined;
}

const PUBLIC = 'https://registry.npmjs.org/';

/**
 * Asks npm itself, so that every place it reads its configuration from counts; without npm, the public registry.
 * `extraCa` is what NODE_EXTRA_CA_CERTS says.
 */
export async function readNpmSettings(options: {
  searchPath: string;
  home: string;
  extraCa?: string | undefined;
}): Promise<NpmSettings> {
  const env = { PATH: options.searchPath, HOME: options.home };
  const ask = async (name: string): Promise<string> => {
    const { stdout } = await promisify(execFile)('npm', ['config', 'get', name], { env, cwd: '/', encoding: 'utf8' });
    return stdout.trim();
  };
  try {
    const [registry, cafile] = await Promise.all([ask('registry'), ask('cafile')]);
    return { registry, cafile: cafile.startsWith('/') ? cafile : options.extraCa };
  } catch {
    return { registry: PUBLIC, cafile: options.extraCa };
  }
}
