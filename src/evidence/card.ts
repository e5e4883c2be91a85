import { formatUsd } from '#kernel/money.ts';
import type { DecisionCard } from '#domain/decision-card.ts';

/** The card as Markdown for a person: one screen, calm. Refusals are told by `reasons` alone: rule, numbers, smallest safe next step. */
export function renderCard(card: DecisionCard): string {
  const blocks = [
    `# ${inline(card.title)}`,
    `**${inline(card.decision)}** · task ${inline(card.task)} · tenant ${inline(card.tenant)}`,
    section(
      'Why',
      card.reasons.map(
        ({ code, msg, field, fix }) => `- ${inline(code)}: ${inline(msg)}${where(field)}\n  Next: ${inline(fix)}`,
      ),
    ),
    section(
      'Facts',
      card.facts.map(({ name, value }) => `- ${inline(name)}: ${inline(value)}`),
    ),
    section(
      'Warnings',
      card.warnings.map((warning) => `- ${inline(warning)}`),
    ),
    `Cost ${formatUsd(card.costNano)}, ${carbon(card.gramsCo2e)}.`,
    `Next step: ${inline(card.nextStep)}`,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `## ${title}\n\n${lines.join('\n')}`;
}

function where(field: string): string {
  return field === '' ? '' : ` (${inline(field)})`;
}

function carbon(grams: number | null): string {
  return grams === null ? 'carbon unknown' : `${Number(grams.toPrecision(3))} g CO2e`;
}

/** One line of plain text: titles and values may come from people and programs, so nothing in them is markup or control. */
function inline(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
    .replaceAll(/[\\`*[\]<>|~]|(?<!\w)_|_(?!\w)|^[#+-](?= |$)|(?<=^\d+)[.)](?= |$)/g, String.raw`\$&`);
}

/** The Markdown of a card for where it is shown as plain text: what was escaped stands as it was. */
export function cardAsText(markdown: string): string {
  return markdown.replaceAll(/\\([\\`*[\]<>|~_#+.)-])/g, '$1');
}
