/** The same object, of which one part is another: what it calls by itself it still finds in its own. */
export function withPart<T extends object>(whole: T, part: Partial<T>): T {
  return new Proxy(whole, {
    get(_, name) {
      const value: unknown = Reflect.get(name in part ? part : whole, name);
      return typeof value === 'function' ? value.bind(whole) : value;
    },
  });
}
