/** The part before `#`. */
export function withoutFragment(uri: string): string {
  const at = uri.indexOf('#');
  return at < 0 ? uri : uri.substring(0, at);
}

/** The part after `#`, percent-decoded; empty when there is none. */
export function fragmentOf(uri: string): string {
  const at = uri.indexOf('#');
  return at < 0 ? '' : decodeURIComponent(uri.substring(at + 1));
}

/** Resolves a reference against a base (RFC 3986, section 5.2). */
export function resolveUri(base: string, reference: string): string {
  if (reference == '') return withoutFragment(base);
  if (schemeLength(reference) > 0) return reference;
  if (reference.startsWith('#')) return withoutFragment(base) + reference;
  const scheme = schemeLength(base);
  const root = withoutFragment(base);
  if (reference.startsWith('//')) return root.substring(0, scheme) + reference;
  const hierarchy = root.substring(scheme);
  let authority = '';
  let path = hierarchy;
  if (hierarchy.startsWith('//')) {
    const slash = hierarchy.indexOf('/', 2);
    authority = slash < 0 ? hierarchy : hierarchy.substring(0, slash);
    path = slash < 0 ? '/' : hierarchy.substring(slash);
  }
  const head = root.substring(0, scheme) + authority;
  if (reference.startsWith('/')) return head + withoutDots(reference);
  const query = path.indexOf('?');
  if (query >= 0) path = path.substring(0, query);
  if (reference.startsWith('?')) return head + path + reference;
  return head + withoutDots(path.substring(0, path.lastIndexOf('/') + 1) + reference);
}

/** Length of `scheme:`; 0 when there is none. */
function schemeLength(uri: string): i32 {
  for (let i = 0; i < uri.length; i++) {
    const c = uri.charCodeAt(i);
    if (c == 58) return i == 0 ? 0 : i + 1;
    const letter = (c | 32) >= 97 && (c | 32) <= 122;
    if (!letter && (i == 0 || !((c >= 48 && c <= 57) || c == 43 || c == 45 || c == 46))) return 0;
  }
  return 0;
}

function withoutDots(path: string): string {
  const kept: string[] = [];
  const parts = path.split('/');
  for (let i = 0; i < parts.length; i++) {
    const last = i == parts.length - 1;
    if (parts[i] == '..') {
      if (kept.length > 1) kept.pop();
      if (last) kept.push('');
    } else if (parts[i] == '.') {
      if (last) kept.push('');
    } else kept.push(parts[i]);
  }
  return kept.join('/');
}
