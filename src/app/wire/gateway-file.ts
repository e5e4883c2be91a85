import { resolve } from 'node:path';
import { fileExists } from '#adapters/files/index.ts';
import type { Tools } from './tools.ts';

/** Where the gateway file of the data directory is. */
export function gatewayFile({ settings, dataDir }: Pick<Tools, 'settings' | 'dataDir'>): string {
  return resolve(dataDir, settings['gateway.file']);
}

/** True when the data directory has a gateway file: without one there is no gateway. */
export function hasGateway(tools: Pick<Tools, 'settings' | 'dataDir'>): boolean {
  return fileExists(gatewayFile(tools));
}
