/**
 * Balances of all accounts, by name.
 * @param {import('./book.js').Book} book
 */
export function trialBalance(book) {
  const names = new Set(book.entries().flatMap(({ debit, credit }) => [debit, credit]));
  return [...names].sort().map((account) => ({ account, balance: book.accountBalance(account) }));
}

/** @param {import('./book.js').Book} book */
export function isBalanced(book) {
  return trialBalance(book).reduce((sum, { balance }) => sum + balance, 0) == 0;
}
