import { type InnerCommand, innerCommand } from './own-code.ts';

/** The program that carries connections of a build to the proxy outside: see `environmentsIn`. */
export function forwarderCommand(): InnerCommand {
  return innerCommand('forward-main');
}
