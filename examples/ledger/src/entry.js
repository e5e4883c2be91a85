/** One booking: integer amounts, debit and credit account, and the day as YYYY-MM-DD. */
export function makeEntry(fields) {
  const { day, debit, credit, amount, text = '' } = fields;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new TypeError(`not a day: ${day}`);
  if (!Number.isInteger(amount) || amount <= 0) throw new TypeError(`not an amount: ${amount}`);
  if (debit == credit) throw new TypeError('an entry needs two accounts');
  return Object.freeze({ day, debit, credit, amount, text });
}
