import { millis } from '#kernel/clock.ts';
import { address, duration, list, may, set, text } from '../setting.ts';

/** Sign-in by the company's identity provider (OpenID Connect). */
export const IDENTITY_SETTINGS = {
  'oidc.issuer': may({
    kind: address('https', 'http'),
    text: 'Identity provider, as it writes itself in its tokens; plain http on this machine only.',
    example: 'https://id.example.org',
  }),
  'oidc.audience': set({
    kind: text,
    default: 'maestro',
    text: 'Audience that a token must be made for to be good at the API.',
    example: 'https://maestro.example.org',
  }),
  'oidc.clientId': may({
    kind: text,
    text: 'Client under which browsers sign in; needs http.publicUrl, whose /sign-in/callback the provider sends them back to.',
    example: 'maestro-board',
  }),
  'oidc.clientSecret': may({
    kind: text,
    text: 'Secret of that client, when it has one.',
    example: 'correct-horse-battery',
    secret: true,
  }),
  'oidc.groupsClaim': set({
    kind: text,
    default: 'groups',
    text: 'Claim of a token that lists the groups of a person.',
    example: 'roles',
  }),
  'oidc.nameClaim': set({
    kind: text,
    default: 'email',
    text: 'Claim that names a person here, an address that the provider has verified; others stand under the id that the provider gives them.',
    example: 'upn',
  }),
  'oidc.groups': set({
    kind: list,
    default: [],
    text: 'Which group gives which role where, as GROUP=ROLE@TENANT, or GROUP=ROLE for every tenant.',
    example: 'platform=platform-admin, team-a=operator@atlas',
  }),
  'oidc.clockTolerance': set({
    kind: duration,
    default: millis(30_000),
    text: 'How far the clock of the provider may differ.',
    example: '1m',
  }),
};
