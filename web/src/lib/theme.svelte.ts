// Dark or light: the system's choice until somebody chooses by hand. public/theme.js applies
// a stored choice before the first paint.
import { read, write } from './studio.svelte';

export type Choice = 'system' | 'dark' | 'light';

const key = 'florin.theme';
const stored = read(key);
let choice = $state<Choice>(stored === 'dark' || stored === 'light' ? stored : 'system');

export const theme = {
  get choice() {
    return choice;
  },
};

export function chooseTheme(next: Choice): void {
  choice = next;
  write(key, next === 'system' ? null : next);
  if (next === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = next;
}

const order: readonly Choice[] = ['system', 'dark', 'light'];

export function nextTheme(): void {
  chooseTheme(order[(order.indexOf(choice) + 1) % order.length] ?? 'system');
}
