import parse from 'spdx-expression-parse';

type License = ReturnType<typeof parse>;

/** Says what is wrong with an SPDX licence expression (SPDX 3, annex on expressions); null when nothing is. */
export function licenseFault(expression: string): string | null {
  try {
    parse(expression);
    return null;
  } catch {
    return `${JSON.stringify(expression)} is not an SPDX licence expression`;
  }
}

/**
 * True when the licence can be chosen so that only allowed ones apply: one side of each OR, both sides of each AND.
 * An exception (`Apache-2.0 WITH LLVM-exception`) must be allowed as a whole. Unreadable expressions are not allowed.
 */
export function licenseAllowed(expression: string, allowed: readonly string[]): boolean {
  if (licenseFault(expression) !== null) return false;
  const holds = (license: License): boolean => {
    if ('conjunction' in license) {
      const { left, right } = license;
      return license.conjunction === 'or' ? holds(left) || holds(right) : holds(left) && holds(right);
    }
    const id = `${license.license}${'plus' in license && license.plus === true ? '+' : ''}`;
    return allowed.includes('exception' in license && license.exception ? `${id} WITH ${license.exception}` : id);
  };
  return holds(parse(expression));
}
