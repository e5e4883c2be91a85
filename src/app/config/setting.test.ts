import { describe, expect, it } from 'vitest';
import { address, choice, dollars, duration, integer, type Kind, list, number, size } from './setting.ts';
import { environmentName, SETTINGS, type SettingName } from './settings.ts';

describe('kinds of settings', () => {
  const cases: readonly (readonly [string, Kind<unknown>, string, unknown])[] = [
    ['a duration in its unit', duration, '1.5m', 90_000],
    ['a duration without unit', duration, '90', undefined],
    ['a duration of nothing', duration, '0s', undefined],
    ['a duration with a strange unit', duration, '3 weeks', undefined],
    ['a size', size, '2 GiB', 2 ** 31],
    ['a size in decimal units', size, '2GB', undefined],
    ['dollars as integer nano-dollars', dollars, '0.05', 50_000_000],
    ['dollars below zero', dollars, '-1', undefined],
    ['a number at its bound', number({ min: 0, max: 2 }), '2', 2],
    ['a number beyond its bound', number({ min: 0, max: 2 }), '2.1', undefined],
    ['no number', number({ min: 0, max: 2 }), '', undefined],
    ['an integer with a fraction', integer({ min: 0, max: 9 }), '1.5', undefined],
    ['a choice', choice('a', 'b'), 'b', 'b'],
    ['another choice', choice('a', 'b'), 'c', undefined],
    ['a list', list, ' a,b , ', ['a', 'b']],
    ['an empty list', list, '', []],
    ['an address', address('grpc'), 'grpc://host:1', 'grpc://host:1'],
    ['an address of another kind', address('grpc'), 'http://host:1', undefined],
    ['no address', address('grpc'), 'host', undefined],
  ];
  it.each(cases)('read or refuse %s', (_, kind, written, value) => {
    expect(kind.parse(written)).toEqual(value);
  });
});

describe('the settings table', () => {
  const rows = Object.entries(SETTINGS);

  it.each(rows)('%s has an example that it accepts, and shows what it reads', (_, row) => {
    const { kind, example } = row as { kind: Kind<unknown>; example: string };
    const value = kind.parse(example);

    expect(value).toBeDefined();
    expect(kind.parse(kind.show(value))).toEqual(value);
  });

  it.each(rows)('%s accepts its own default and explains itself in a sentence', (_, row) => {
    const { kind, text } = row as { kind: Kind<unknown>; text: string };
    const fallback: unknown = 'default' in row ? row.default : undefined;
    const value = fallback instanceof Function ? (fallback({ cores: 2 }) as unknown) : fallback;

    if (value !== undefined) expect(kind.parse(kind.show(value))).toEqual(value);
    expect(text).toMatch(/^[A-Za-z].*\.$/);
  });

  it('gives each setting an environment name of its own', () => {
    const names = rows.map(([name]) => environmentName(name as SettingName));

    expect(new Set(names).size).toBe(rows.length);
    expect(environmentName('cost.slotUsdPerHour')).toBe('MAESTRO_COST_SLOT_USD_PER_HOUR');
  });

  it('is frozen', () => {
    expect(Object.isFrozen(SETTINGS)).toBe(true);
  });
});
