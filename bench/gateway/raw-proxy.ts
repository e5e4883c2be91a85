import { createServer } from 'node:http';
import { Pool } from 'undici';

// The least that a proxy can do: node:http in front, an undici pool behind, nothing read.
const pool = new Pool(process.argv[2] ?? '', { connections: 256 });
const server = createServer((request, response) => {
  pool
    .stream(
      { path: request.url ?? '/', method: 'POST', headers: { 'content-type': 'application/json' }, body: request },
      ({ statusCode, headers }) => {
        response.writeHead(statusCode, headers);
        return response;
      },
    )
    .catch(() => response.destroy());
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`);
});
