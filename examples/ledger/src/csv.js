/**
 * Comma-separated values with quotes only where needed (RFC 4180).
 * @param {import('./book.js').Book} book
 */
export function toCsv(book) {
  const cell = (value) => {
    const text = String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const rows = book.entries().map(({ day, debit, credit, amount, text }) => [day, debit, credit, amount, text]);
  return [['day', 'debit', 'credit', 'amount', 'text'], ...rows].map((row) => row.map(cell).join(',')).join('\n');
}
