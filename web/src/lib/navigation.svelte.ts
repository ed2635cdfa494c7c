// The reactive half of the router: the present page, and moving between pages.
import { tick } from 'svelte';
import { isPage, resolve, type Route } from './router';

let current = $state.raw<Route>(resolve(location.href));
const scrolled = new Map<string, number>();

export const navigation = {
  get route() {
    return current;
  },
};

export function go(to: string, options: { replace?: boolean } = {}): void {
  if (to === location.pathname + location.search) return;
  scrolled.set(location.pathname, scrollY);
  history[options.replace ? 'replaceState' : 'pushState'](null, '', to);
  current = resolve(location.href);
  scrollTo(0, 0);
}

export function startNavigation(): void {
  history.scrollRestoration = 'manual';
  addEventListener('popstate', () => {
    current = resolve(location.href);
    const top = scrolled.get(location.pathname) ?? 0;
    void tick().then(() => scrollTo(0, top));
  });
  addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest('a');
    if (!link || link.target || link.hasAttribute('download')) return;
    const url = new URL(link.href);
    if (url.origin !== location.origin || !isPage(url.pathname)) return;
    event.preventDefault();
    go(url.pathname + url.search);
  });
}
