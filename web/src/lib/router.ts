// Which page an address means. Pure; the reactive part is in navigation.svelte.ts.

export type PageName =
  | 'studio'
  | 'gallery'
  | 'picture'
  | 'texture'
  | 'sign-in'
  | 'sign-up'
  | 'setup'
  | 'keys'
  | 'webhooks'
  | 'models'
  | 'not-found';

export interface Route {
  page: PageName;
  params: Record<string, string>;
  query: URLSearchParams;
  path: string;
}

const table: readonly (readonly [string, PageName])[] = [
  ['/', 'studio'],
  ['/gallery', 'gallery'],
  ['/pictures/:id', 'picture'],
  ['/texture', 'texture'],
  ['/sign-in', 'sign-in'],
  ['/sign-up', 'sign-up'],
  ['/setup', 'setup'],
  ['/settings/keys', 'keys'],
  ['/settings/webhooks', 'webhooks'],
  ['/models', 'models'],
];

/** Pages that somebody who is not signed in may see. */
export const publicPages: readonly PageName[] = ['sign-in', 'sign-up', 'setup'];

export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/').filter(Boolean);
  const given = path.split('/').filter(Boolean);
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const value = given[i] ?? '';
    if (!part.startsWith(':')) {
      if (part !== value) return null;
      continue;
    }
    try {
      params[part.slice(1)] = decodeURIComponent(value);
    } catch {
      return null;
    }
  }
  return params;
}

export function resolve(address: string): Route {
  const url = new URL(address, 'http://page.invalid');
  for (const [pattern, page] of table) {
    const params = match(pattern, url.pathname);
    if (params) return { page, params, query: url.searchParams, path: url.pathname };
  }
  return { page: 'not-found', params: {}, query: url.searchParams, path: url.pathname };
}

/** Files and API answers under the same origin are the server's, not pages. */
export function isPage(path: string): boolean {
  return !path.startsWith('/api/') && !/\.[a-z0-9]{2,5}$/i.test(path);
}

/**
 * Where to go after signing in. Only an address of this studio is taken from the query,
 * never another origin's, so that a link cannot send somebody away after the password.
 */
export function returnTo(query: URLSearchParams): string {
  const to = query.get('to') ?? '/';
  if (!to.startsWith('/') || to.startsWith('//') || to.includes('\\')) return '/';
  const route = resolve(to);
  return route.page === 'not-found' || publicPages.includes(route.page) ? '/' : to;
}
