import { may, text } from '../setting.ts';

/** What stored secrets and contents of tenants are encrypted with. */
export const SECRETS_SETTINGS = {
  'secrets.masterKeyFile': may({
    kind: text,
    text: 'File (mode 0600) of the master key that wraps the data keys of tenants: base64 of 32 bytes; without it keys/master.key in the data directory, made at the first start.',
    example: '/run/secrets/maestro-master-key',
  }),
  'secrets.masterKey': may({
    kind: text,
    text: 'The master key itself, given by whoever keeps keys for the company; wins over the file.',
    example: '7VSMcDzSWBQMZWrl0mjdsxmGA8lEZfbzd9yHe0SSZ5c=',
    secret: true,
  }),
};
