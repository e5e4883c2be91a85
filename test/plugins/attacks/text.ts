import { fileURLToPath } from 'node:url';
import { editsSchema, planEdits } from '#plugins/edits.ts';
import { strictJson } from '#plugins/strict-json.ts';
import { reactor } from '../wat.ts';
import { type Attack, hangs, type Lab } from './lab.ts';
import { editsWithoutLooking, staysBusy } from './naive.ts';

/** Input: pattern, NUL, text. Gives 4 bytes: what find answered. */
const FIND = reactor(
  `(local $cut i32)
   (local.set $cut (local.get $at))
   (block $done (loop $l (br_if $done (i32.eqz (i32.load8_u (local.get $cut)))) (local.set $cut (i32.add (local.get $cut) (i32.const 1))) (br $l)))
   (i32.store (i32.const 0) (call $find (local.get $at) (i32.sub (local.get $cut) (local.get $at)) (i32.add (local.get $cut) (i32.const 1)) (i32.sub (i32.add (local.get $at) (local.get $n)) (i32.add (local.get $cut) (i32.const 1))) (i32.const 0) (i32.const 10)))
   (call $pack (i32.const 0) (i32.const 4))`,
  '(import "maestro:text@1" "find" (func $find (param i32 i32 i32 i32 i32 i32) (result i32)))',
  '(memory (export "memory") 40)',
);
/** Input: TypeScript; pattern $A. */
const TREE = reactor(
  `(drop (call $find (i32.const 16) (i32.const 2) (local.get $at) (local.get $n) (i32.const 32) (i32.const 2))) (i64.const 0)`,
  '(import "maestro:ast@1" "find" (func $find (param i32 i32 i32 i32 i32 i32) (result i32))) (data (i32.const 16) "ts") (data (i32.const 32) "$A")',
);

const EVIL = `${'a'.repeat(28)}!`;
const PATTERNS: readonly (readonly [string, string, string, string])[] = [
  ['nested repetition', '(a+)+$', `${'a'.repeat(30_000)}!`, 'OK'],
  ['a pattern of 1 MB', 'a'.repeat(1 << 20), 'a', 'REGEX_LIMIT'],
  ['10 000 groups', '(a)'.repeat(10_000), 'a', 'REGEX_LIMIT'],
  ['repetition of repetition', '((a{1000}){1000}){1000}', 'a', 'REGEX_LIMIT'],
  ['looking back', '(?<=a)b', 'ab', 'REGEX_LIMIT'],
];
const OUTPUTS: readonly (readonly [string, string])[] = [
  ['__proto__', '{"__proto__": {"polluted": true}}'],
  ['constructor', '{"constructor": {"prototype": {"polluted": true}}}'],
  ['a name twice', '{"a": 1, "a": 2}'],
  ['100 000 levels', '['.repeat(1e5) + ']'.repeat(1e5)],
  ['1e400', '{"a": 1e400}'],
  ['a lone surrogate', '"\\udc00"'],
];
const SOURCES: readonly (readonly [string, string, string])[] = [
  ['one line of 10 MB', 'x;'.repeat(5 << 20), 'AST_LIMIT'],
  ['100 000 brackets', '('.repeat(1e5) + ')'.repeat(1e5), 'AST_LIMIT'],
  ['100 000 operators', `${'!'.repeat(1e5)}x`, 'AST_LIMIT'],
  ['a pattern that matches everything', 'a(b);'.repeat(20_000), 'AST_LIMIT'],
];
const EDITS: readonly (readonly [string, string, unknown])[] = [
  [
    'overlapping',
    'EDIT_RANGE',
    [
      {
        path: 'a.txt',
        edits: [
          { start: 0, end: 3, text: 'x' },
          { start: 2, end: 4, text: 'y' },
        ],
      },
    ],
  ],
  ['outside the file', 'EDIT_RANGE', [{ path: 'a.txt', edits: [{ start: 0, end: 99, text: 'x' }] }]],
  ['negative', 'EDIT_MALFORMED', [{ path: 'a.txt', edits: [{ start: -1, end: 3, text: 'x' }] }]],
  ['a file that was not granted', 'EDIT_SCOPE', [{ path: '.git/config', edits: [] }]],
  ['a file outside', 'EDIT_SCOPE', [{ path: '../outside/secret.txt', edits: [] }]],
  [
    'a good file beside a bad one',
    'EDIT_SCOPE',
    [
      { path: 'a.txt', edits: [{ start: 0, end: 1, text: 'J' }] },
      { path: '.env', edits: [] },
    ],
  ],
];

/** Those that leave something else than either the old bytes or what was meant. */
const NAIVE_EDITS = new Set(['overlapping', 'outside the file', 'negative', 'a good file beside a bad one']);
const PARSE = `const { Lang, parse } = require(${JSON.stringify(fileURLToPath(import.meta.resolve('@ast-grep/napi')))});
  parse(Lang.TypeScript, 'x;'.repeat(5 << 20)).root().findAll('$A');`;

export const TEXT_ATTACKS: readonly Attack[] = [
  ...PATTERNS.map(([name, pattern, text, expect], index) => ({
    row: 14,
    name,
    ...(index === 0
      ? {
          naive: () =>
            hangs(`const {workerData: [p, t]} = require('worker_threads'); new RegExp(p).test(t);`, [
              pattern,
              EVIL.repeat(2),
            ]),
        }
      : {}),
    attack: (lab: Lab) => lab.run(FIND, { input: `${pattern}\0${text}` }),
    expect,
  })),
  ...OUTPUTS.map(([name, output], index) => ({
    row: 15,
    name: `output with ${name}`,
    ...(index === 0 ? { naive: naiveMerge } : {}),
    attack: () => {
      const read = strictJson(Buffer.from(output));
      const clean = !Object.hasOwn(Object.prototype, 'polluted');
      return { code: 'fault' in read && clean ? 'OUTPUT_INVALID' : 'ACCEPTED' };
    },
    expect: 'OUTPUT_INVALID',
  })),
  ...SOURCES.map(([name, source, expect]) => ({
    row: 16,
    name,
    ...(name === 'one line of 10 MB' ? { naive: () => staysBusy(PARSE, 1500) } : {}),
    attack: (lab: Lab) => lab.run(TREE, { input: source, limits: { fuel: 1e12, wall_ms: 20_000 } }),
    expect,
  })),
  ...EDITS.map(([name, expect, proposed]) => ({
    row: 17,
    name: `edits: ${name}`,
    ...(NAIVE_EDITS.has(name) ? { naive: () => editsWithoutLooking(proposed, new Map([['a.txt', 'hello']])) } : {}),
    attack: () => {
      const edits = editsSchema.safeParse(proposed).data;
      if (edits === undefined) return { code: 'EDIT_MALFORMED' };
      const plan = planEdits(edits, ['**'], new Map([['a.txt', Buffer.from('hello')]]));
      return { code: plan.ok ? 'ACCEPTED' : (plan.reasons[0]?.code ?? '') };
    },
    expect,
  })),
];

/** JSON.parse and a deep merge, as configuration loaders have it. */
function naiveMerge(): boolean {
  const target: { [name: string]: unknown } = {};
  // oxlint-disable-next-line typescript/no-explicit-any -- what naive code does
  const merge = (into: any, from: any): void => {
    for (const key of Object.keys(from)) {
      if (typeof from[key] === 'object') merge((into[key] ??= {}), from[key]);
      else into[key] = from[key];
    }
  };
  merge(target, JSON.parse('{"__proto__": {"polluted": true}}'));
  const reached = 'polluted' in {};
  delete (Object.prototype as { polluted?: boolean }).polluted;
  return reached;
}
