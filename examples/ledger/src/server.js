import { createServer } from 'node:http';
import { toCsv } from './csv.js';
import { isBalanced, trialBalance } from './report.js';

/**
 * `GET /balance` as JSON and `GET /entries.csv`.
 * @param {import('./book.js').Book} book
 */
export function makeServer(book) {
  return createServer((request, response) => {
    if (request.url == '/balance') {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ balanced: isBalanced(book), accounts: trialBalance(book) }));
    } else if (request.url == '/entries.csv') {
      response.setHeader('content-type', 'text/csv');
      response.end(toCsv(book));
    } else {
      response.statusCode = 404;
      response.end();
    }
  });
}
