/** The host as a plugin in TypeScript or JavaScript sees it: the interfaces of maestro.wit. What the manifest does not ask for is refused. */
declare namespace maestro {
  /** A range of bytes of the text as UTF-8. */
  interface Range {
    readonly start: number;
    readonly end: number;
  }
  type Refusal = 'scope' | 'absent' | 'type' | 'symlink' | 'invalid' | 'tooSmall';
  class Refused extends Error {
    readonly code: Refusal;
  }
  namespace host {
    /** Virtual milliseconds, one more with each call. */
    function now(): number;
    /** In [0, 1), from the seed of the call. */
    function random(): number;
    function decode(bytes: Uint8Array): string;
    function encode(text: string): Uint8Array;
  }
  /** Needs `fs_read`. Throws `Refused`. */
  namespace fs {
    function read(path: string): Uint8Array;
    function readText(path: string): string;
    /** Granted paths that match, sorted. */
    function list(glob: string): string[];
  }
  /** Needs `regex`: RE2, linear time. Flags: 1 ignore case, 2 multi-line, 4 dot matches all. */
  namespace text {
    function find(pattern: string, text: string | Uint8Array, flags?: number, max?: number): Range[];
  }
  /** Needs `ast`. Languages: ts, tsx, js, html, css. */
  namespace ast {
    function find(language: string, source: string, pattern: string): (Range & { vars: { [name: string]: Range } })[];
    function rewrite(
      language: string,
      source: string,
      pattern: string,
      replacement: string,
    ): (Range & { text: string })[];
  }
  /** Needs `log`. */
  namespace log {
    function write(level: 'debug' | 'info' | 'warn' | 'error', message: string): void;
  }
  /** Needs `kv`: scratch of one call. */
  namespace kv {
    function get(key: string): Uint8Array | undefined;
    function set(key: string, value: Uint8Array | string): void;
  }
}
