import { makeLink, type SignIn } from '#app/access/sessions.ts';
import type { House } from '#app/house.ts';
import { me } from './me.ts';

/** An address that signs a browser in, once and soon: as whoever typed the command unless told otherwise. */
export async function signInLink(house: House, url: string, who?: SignIn): Promise<string> {
  const { id, grants } = me(house);
  const code = await makeLink(house, who ?? { principal: id, grants });
  return `${house.http.publicUrl ?? url}/sign-in?code=${code}`;
}
