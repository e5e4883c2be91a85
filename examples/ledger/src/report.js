/** Balances of all accounts, by name. */
export function trialBalance(book) {
  const names = new Set(book.entries().flatMap(({ debit, credit }) => [debit, credit]));
  return [...names].sort().map((account) => ({ account, balance: book.accountBalance(account) }));
}

export function isBalanced(book) {
  return trialBalance(book).reduce((sum, { balance }) => sum + balance, 0) == 0;
}
