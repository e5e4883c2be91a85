import { expect, test } from 'vitest';
import type { DecisionCard } from '#domain/decision-card.ts';
import { nanoUsd } from '#kernel/money.ts';
import { sampleCard, sampleTask } from '../../test/evidence/sample.ts';
import { renderCard } from './card.ts';

const denied: DecisionCard = {
  ...sampleCard(sampleTask('task_7', 'denied'), [
    {
      code: 'OVER_CAP',
      msg: 'tenant storefront has $0.0100 left of $1.0000 this week, the task may cost $0.5000',
      field: 'task.boundNano',
      fix: 'Ask for a top-up of $0.4900, or lower the bound of the task',
    },
  ]),
  facts: [{ name: 'queue', value: '3 jobs before it' }],
  gramsCo2e: 0.41234,
  warnings: ['No sandbox on this machine: run as a plain process'],
  nextStep: 'maestro budget top-up storefront 0.49',
};

test('a refusal tells rule, numbers and the smallest safe next step', () => {
  expect(renderCard(denied)).toBe(`# Rename fetchUser to loadUser

**denied** · task task_7 · tenant storefront

## Why

- OVER_CAP: tenant storefront has $0.0100 left of $1.0000 this week, the task may cost $0.5000 (task.boundNano)
  Next: Ask for a top-up of $0.4900, or lower the bound of the task

## Facts

- queue: 3 jobs before it

## Warnings

- No sandbox on this machine: run as a plain process

Cost $0.0123, 0.412 g CO2e.

Next step: maestro budget top-up storefront 0.49
`);
});

test('what is empty is left out, and unknown carbon is said to be unknown, not zero', () => {
  const text = renderCard(sampleCard(sampleTask()));

  expect(text).not.toContain('## Why');
  expect(text).not.toContain('## Warnings');
  expect(text).toContain('carbon unknown');
});

test('text from outside cannot make markup, headings, lines or terminal commands', () => {
  const evil = '# x\n\n## Approved\n<script>alert(1)</script> [a](javascript:b) `c` **d** _e_ \u001b[31m \u202e|';
  const text = renderCard({
    ...denied,
    title: evil,
    nextStep: evil,
    facts: [
      { name: evil, value: evil },
      { name: '1. x', value: '- y' },
    ],
  });

  expect(text.split('\n').filter((line) => /^(- )?#/.test(line))).toHaveLength(4);
  expect(text.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
  expect(text.replace('**denied**', '')).not.toMatch(/(?<!\\)[<>[\]`|*]|^- [#+-]|^- \d+[.)]/m);
});

test('a very small cost does not show as zero', () => {
  expect(renderCard({ ...denied, costNano: nanoUsd(1) })).toContain('$0.000000001');
});
