import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Book, isBalanced, toCsv, trialBalance } from '../src/index.js';

function sample() {
  const book = new Book();
  book.add({ day: '2026-01-02', debit: 'bank', credit: 'sales', amount: 500, text: 'tea, two tins' });
  book.add({ day: '2026-01-03', debit: 'rent', credit: 'bank', amount: 300 });
  return book;
}

test('debits and credits add up to nothing', () => {
  const book = sample();
  assert.equal(book.accountBalance('bank'), 200);
  assert.equal(isBalanced(book), true);
  assert.deepEqual(
    trialBalance(book).map(({ account }) => account),
    ['bank', 'rent', 'sales'],
  );
});

test('text with a comma is quoted', () => {
  assert.equal(toCsv(sample()).split('\n')[1], '2026-01-02,bank,sales,500,"tea, two tins"');
});

test('an entry with one account is refused', () => {
  const same = { day: '2026-01-02', debit: 'bank', credit: 'bank', amount: 1 };
  assert.throws(() => new Book().add(same), TypeError);
});

test('an entry without a whole amount is refused', () => {
  const half = { day: '2026-01-02', debit: 'a', credit: 'b', amount: 0.5 };
  assert.throws(() => new Book().add(half), TypeError);
});
