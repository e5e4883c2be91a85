import { posix } from 'node:path';
import { BELOW, isDoor, type Place, placeOf, SHARED_BY_ADAPTERS } from './house.ts';
import { eachImport, pathOf, type Rule, textOf } from './rule.ts';

/** Floors: imports go down only, rooms and adapters do not know each other, a room is entered by its doors. */
export const floors: Rule = {
  create(context) {
    const path = pathOf(context);
    const place = placeOf(path);
    if (place === 'unknown') {
      const message = `unknown-floor: ${path} stands on no floor; rooms are listed in tools/lint/house.ts`;
      return { Program: (node) => context.report({ node, message }) };
    }

    return eachImport((node, source) => {
      const specifier = textOf(source);
      const message = specifier === undefined ? computed(place) : problemOf({ path, place, specifier });
      if (message !== undefined) context.report({ node, message });
    });
  },
};

interface Import {
  readonly path: string;
  readonly place: Place | 'outside';
  readonly specifier: string;
}

function computed(place: Place | 'outside'): string | undefined {
  if (place === 'outside' || place.test) return undefined;
  return 'computed-import: what is imported must be a plain string, so that floors can be checked';
}

/** Repository path that a specifier means; undefined for packages and Node's own modules. */
function targetOf({ path, specifier }: Import): string | undefined {
  if (specifier.startsWith('#')) return posix.join('src', specifier.slice(1));
  if (specifier.startsWith('.')) return posix.join(posix.dirname(path), specifier);
  return specifier.startsWith('/') || specifier.startsWith('file:') ? specifier : undefined;
}

function problemOf(found: Import): string | undefined {
  const target = targetOf(found);
  if (target === undefined) return undefined;
  const { place: from, specifier } = found;
  const to = placeOf(target);

  if (to === 'unknown') return `unknown-floor: ${specifier} stands on no floor`;
  if (from === 'outside') return found.path.startsWith('test/') ? undefined : enteredByDoor(to, specifier);
  if (to === 'outside') return from.test ? undefined : `outside-src: ${specifier} is not under src/`;
  if (to.area === from.area) {
    return specifier.startsWith('#') ? `form: inside ${from.area} write ./file.ts, not ${specifier}` : undefined;
  }
  const form = specifier.startsWith('#') ? undefined : `form: from another floor write #room/file.ts, not ${specifier}`;
  return crossing(from, to, specifier) ?? form;
}

/** Tests may use adapters beside what their file may: they run on the real thing. */
function crossing(from: Place, to: Place, specifier: string): string | undefined {
  const sideways = from.floor === to.floor;
  const shared = from.floor === 'adapter' && SHARED_BY_ADAPTERS.includes(to.path);
  const mayImport = BELOW[from.floor].includes(to.floor) || shared || (from.test && to.floor === 'adapter');
  if (!mayImport && sideways && from.floor === 'room') {
    return `room-to-room: ${from.area} may not import ${specifier}; say what is needed in ports.ts`;
  }
  if (!mayImport && sideways) return `adapter-to-adapter: ${from.area} may not import ${specifier}`;
  if (!mayImport) return `upward: ${from.floor} may not import ${specifier} (${to.floor})`;

  const toInside = to.floor === 'room' && !to.path.endsWith('/ports.ts');
  if (from.floor === 'adapter' && toInside && !from.test) {
    return `ports-only: an adapter may import a room's ports.ts, not ${specifier}`;
  }
  return enteredByDoor(to, specifier);
}

function enteredByDoor(to: Place | 'outside', specifier: string): string | undefined {
  if (to === 'outside' || to.floor !== 'room' || isDoor(to)) return undefined;
  return `private: ${specifier} is inside a room; import its index.ts, ports.ts or errors.ts`;
}
