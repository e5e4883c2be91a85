// A process of its own that opens (or makes) a key and prints its id.
import { openKey } from '#adapters/keys/index.ts';
import { systemRandom } from '#kernel/random.ts';

const [dir = ''] = process.argv.slice(2);
const signer = await openKey({ dir, name: 'signer', algorithm: 'ed25519', random: systemRandom });
process.stdout.write(signer.keyId);
