// What the page of API keys knows. Pure: the present is always an argument.
import { clock, date } from './format';
import type { Key, KeyTerms, Scope } from './types';

export interface KeyForm {
  name: string;
  scopes: Record<Scope, boolean>;
  until: string;
  daily: string;
  total: string;
  hook: string;
  secret: string;
}

export const emptyForm = (): KeyForm => ({ name: '', scopes: { read: true, generate: true, admin: false }, until: '', daily: '', total: '', hook: '', secret: '' });

/** The fields at which the form shows what the server says. */
export const fields = ['name', 'scopes', 'expires_at', 'budget_day', 'budget_total', 'webhook_url', 'webhook_secret'] as const;

const order: readonly Scope[] = ['read', 'generate', 'admin'];
/** Bytes, as the server counts them. */
const longestSecret = 256;

/** The form's content as the API wants it, or what is wrong with it, by field. */
export function terms(form: KeyForm, now: number): { body: KeyTerms } | { faults: Record<string, string> } {
  const faults: Record<string, string> = {};
  const body: KeyTerms = { name: form.name.trim(), scopes: order.filter((scope) => form.scopes[scope]) };
  if (body.name === '') faults['name'] = 'Give the key a name, such as the program that will use it.';
  if (body.scopes.length === 0) faults['scopes'] = 'A key that may do nothing is of no use: choose something.';
  if (form.until) {
    const end = new Date(`${form.until}T23:59:59.999`);
    if (Number.isNaN(end.getTime()) || end.getTime() <= now) faults['expires_at'] = 'Choose a day to come.';
    else body.expires_at = end.toISOString();
  }
  for (const [field, text] of [['budget_day', form.daily], ['budget_total', form.total]] as const) {
    const value = text.trim();
    if (value === '') continue;
    const tokens = Number(value);
    if (!Number.isSafeInteger(tokens) || tokens < 1) faults[field] = 'A whole number of tokens from 1, or nothing for no limit.';
    else body[field] = tokens;
  }
  const hook = form.hook.trim();
  if (hook !== '' && !/^https?:\/\/.+/.test(hook)) faults['webhook_url'] = 'Give the address to call, beginning with https://, or nothing.';
  else if (hook === '' && form.secret !== '') faults['webhook_url'] = 'Give the address that gets the secret, or leave the secret empty.';
  else if (hook !== '') body.webhook_url = hook;
  if (new TextEncoder().encode(form.secret).length > longestSecret) faults['webhook_secret'] = `A secret may have ${longestSecret} bytes.`;
  else if (form.secret !== '') body.webhook_secret = form.secret;
  return Object.keys(faults).length > 0 ? { faults } : { body };
}

/** What bounds a key, in a few words each. */
export function bounds(key: Key, now: number): string[] {
  const out: string[] = [];
  if (key.expires_at) out.push(`${Date.parse(key.expires_at) <= now ? 'ended' : 'until'} ${date(key.expires_at, now)}`);
  if (key.budget_day > 0) out.push(`${key.spent_day} of ${key.budget_day} tokens today`);
  if (key.budget_total > 0) out.push(`${key.spent_total} of ${key.budget_total} tokens in all`);
  return out;
}

/** Who is told of a key's jobs, and why nobody is any more; null without a webhook. */
export function hookOf(key: Key, now: number): { host: string; off: string } | null {
  if (!key.webhook_url) return null;
  let host = key.webhook_url;
  try {
    host = new URL(key.webhook_url).host || host;
  } catch {
    // An address that this browser can't read is shown as it is.
  }
  const since = key.webhook_disabled_at;
  return { host, off: since ? ['off since ' + clock(since, now), key.webhook_reason].filter(Boolean).join(', ') : '' };
}
