// Runs before the plugin's own code, in the same script: gives it `maestro` (see maestro.d.ts) and calls its `run`.
const maestro = (() => {
  const host = globalThis.__maestro;
  delete globalThis.__maestro;
  const CODES = { '-1': 'scope', '-2': 'absent', '-3': 'type', '-4': 'symlink', '-5': 'invalid', '-6': 'tooSmall' };
  class Refused extends Error {
    constructor(code, what) {
      super(`${what} was refused: ${code}`);
      this.code = code;
    }
  }
  const held = (answer, what) => {
    if (answer === undefined) throw new Refused('scope', `${what}, which the manifest does not ask for,`);
    if (typeof answer === 'number') throw new Refused(CODES[answer] ?? String(answer), what);
    return answer;
  };
  const decode = (bytes) => host(0, bytes);
  const ranges = (bytes) => {
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
    return Array.from({ length: words.length >> 1 }, (_, i) => ({ start: words[2 * i], end: words[2 * i + 1] }));
  };
  const lines = (bytes) =>
    decode(bytes)
      .split('\n')
      .filter((line) => line !== '');
  const LEVELS = ['debug', 'info', 'warn', 'error'];
  return Object.freeze({
    Refused,
    host: { now: () => host(2), random: () => host(3) / 2 ** 53, decode, encode: (text) => host(1, text) },
    fs: {
      read: (path) => held(host(10, path), `fs.read ${path}`),
      readText: (path) => decode(held(host(10, path), `fs.read ${path}`)),
      list: (glob) => lines(held(host(11, glob), `fs.list ${glob}`)),
    },
    text: {
      find: (pattern, bytes, flags = 0, max = 100000) =>
        ranges(held(host(20, pattern, typeof bytes === 'string' ? host(1, bytes) : bytes, flags, max), 'text.find')),
    },
    ast: {
      find: (language, source, pattern) => JSON.parse(decode(held(host(30, language, source, pattern), 'ast.find'))),
      rewrite: (language, source, pattern, replacement) =>
        JSON.parse(decode(held(host(31, language, source, pattern, replacement), 'ast.rewrite'))),
    },
    log: { write: (level, message) => void host(40, Math.max(0, LEVELS.indexOf(level)), String(message)) },
    kv: {
      get: (key) => {
        const value = host(50, key);
        return value === -2 ? undefined : held(value, `kv.get ${key}`);
      },
      set: (key, value) => {
        const answer = host(51, key, value);
        if (answer !== 0) held(answer, `kv.set ${key}`);
      },
    },
  });
})();
Math.random = maestro.host.random;
