export { Book } from './book.js';
export { toCsv } from './csv.js';
export { isBalanced, trialBalance } from './report.js';
export { makeServer } from './server.js';
