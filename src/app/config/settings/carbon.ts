import { choice, may, set, text } from '../setting.ts';

/** Carbon. */
export const CARBON_SETTINGS = {
  'carbon.source': set({
    kind: choice('co2js-yearly', 'electricity-maps'),
    default: 'co2js-yearly',
    text: 'Where grams per kilowatt-hour come from: yearly tables, or the live Electricity Maps service.',
    example: 'electricity-maps',
  }),
  'carbon.token': may({
    kind: text,
    text: 'Token of Electricity Maps.',
    example: 'em_0123456789',
    secret: true,
  }),
  'carbon.zone': set({
    kind: text,
    default: 'WORLD',
    text: 'Grid of the machines: a country (ISO 3166, three letters) or a zone of Electricity Maps.',
    example: 'FRA',
  }),
};
