import { expect, test } from 'vitest';
import { seededRandom } from '#kernel/random.ts';
import { planEdits } from './edits.ts';

const text = '\ufeffconst é = 1;\r\nlet b = "😀";\r\n';
const files = new Map([['src/a.ts', Buffer.from(text)]]);
const codes = (plan: ReturnType<typeof planEdits>): string[] => (plan.ok ? [] : plan.reasons.map(({ code }) => code));

test('bytes outside the edits stay as they are, marks and line ends too', () => {
  const at = Buffer.from(text).indexOf('let');

  const plan = planEdits([{ path: 'src/a.ts', edits: [{ start: at, end: at + 3, text: 'const' }] }], ['**'], files);

  expect(plan.ok && Buffer.from(plan.files[0]?.after ?? []).toString()).toBe(text.replace('let', 'const'));
});

test.each([
  ['EDIT_SCOPE', { path: 'lib/a.ts', edits: [] }],
  ['EDIT_ABSENT', { path: 'src/b.ts', edits: [] }],
  ['EDIT_STALE', { path: 'src/a.ts', sha256: '0'.repeat(64), edits: [] }],
  ['EDIT_RANGE', { path: 'src/a.ts', edits: [{ start: 0, end: 9999, text: '' }] }],
  ['EDIT_RANGE', { path: 'src/a.ts', edits: [{ start: 5, end: 3, text: '' }] }],
  [
    'EDIT_RANGE',
    {
      path: 'src/a.ts',
      edits: [
        { start: 4, end: 8, text: '' },
        { start: 6, end: 9, text: '' },
      ],
    },
  ],
  ['EDIT_RANGE', { path: 'src/a.ts', edits: [{ start: 1, end: 3, text: '' }] }],
  ['EDIT_RANGE', { path: 'src/a.ts', edits: [{ start: 3, end: 3, text: '\ud800' }] }],
])('%s refuses the whole', (code, wrong) => {
  const good = { path: 'src/c.ts', edits: [] };
  const plan = planEdits([good, wrong], ['src/**'], new Map([...files, ['src/c.ts', Buffer.from('x')]]));

  expect(codes(plan)).toEqual([code]);
});

test('EDIT_TWICE refuses a file that comes twice, since the second edits would be of other bytes', () => {
  const one = { path: 'src/a.ts', edits: [] };

  expect(codes(planEdits([one, one], ['**'], files))).toEqual(['EDIT_TWICE']);
});

test('random edits equal the same splices done on text', () => {
  const random = seededRandom(7);
  for (let round = 0; round < 200; round++) {
    const source = Array.from({ length: 60 }, () => 'abc\r\n é'.charAt(random.integer(6))).join('');
    const cuts = Array.from({ length: 6 }, () => random.integer(61)).toSorted((a, b) => a - b);
    const edits = [0, 2, 4].map((i) => ({ start: cuts[i] ?? 0, end: cuts[i + 1] ?? 0, text: `<${i}>` }));
    const ascii = source.replaceAll('é', 'e');
    let expected = ascii;
    for (const { start, end, text: insert } of edits.toReversed())
      expected = expected.slice(0, start) + insert + expected.slice(end);

    const plan = planEdits([{ path: 'x', edits }], ['**'], new Map([['x', Buffer.from(ascii)]]));

    expect(plan.ok && Buffer.from(plan.files[0]?.after ?? []).toString()).toBe(expected);
  }
});
