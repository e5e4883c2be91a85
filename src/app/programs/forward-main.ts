import { runForwarded } from '#adapters/environment/forward.ts';

// The program that gives builds inside walls their one way out: the socket of the proxy, then the program to run.
const [socket = '', ...argv] = process.argv.slice(2);
process.exit(await runForwarded(socket, argv));
