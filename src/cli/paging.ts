/** Flags of every list that can become long. */
export const PAGE_FLAGS = {
  limit: { kind: 'parsed', parse: Number, brief: 'At most so many', default: '100', placeholder: 'N' },
  before: {
    kind: 'parsed',
    parse: String,
    brief: 'Only those before this one: the next page',
    optional: true,
    placeholder: 'ID',
  },
} as const;

/** How the next page is got, under a full one; else nothing. */
export function moreLine(page: readonly { readonly id: string }[], limit: number, what: string): string {
  const last = page.at(-1);
  if (last === undefined || page.length < limit) return '';
  return `\nThere may be more: maestro ${what} list --before ${last.id}`;
}
