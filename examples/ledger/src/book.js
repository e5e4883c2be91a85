import { makeEntry } from './entry.js';

/** An append-only book; entries stay in the order in which they were made. */
export class Book {
  #entries = [];

  add(fields) {
    const entry = makeEntry(fields);
    this.#entries.push(entry);
    return entry;
  }

  entries() {
    return this.#entries.slice();
  }

  accountBalance(account) {
    let sum = 0;
    for (const { debit, credit, amount } of this.#entries) {
      if (debit == account) sum += amount;
      if (credit == account) sum -= amount;
    }
    return sum;
  }
}
