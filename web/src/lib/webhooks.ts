// What the page of webhooks knows. Pure.
import { tokens } from './format';

export type WebhookOwner = 'own' | 'installation';

export interface Webhook {
  id: string;
  /** key: the one an API key has, made and removed with it. */
  kind: 'events' | 'key';
  name: string;
  url: string;
  events: string[] | null;
  balance_below?: number;
  expiring_hours?: number;
  /** Masked, except in the answer that made it. */
  secret: string;
  old_secret_until: string | null;
  created_at: string;
  failing_since: string | null;
  disabled_at: string | null;
  reason?: string;
}

export interface WebhookChange {
  url?: string;
  name?: string;
  events?: string[];
  balance_below?: number;
  expiring_hours?: number;
  enabled?: boolean;
}

export interface Attempt { at: string; status?: number; error?: string; ms: number }

export interface Delivery {
  id: string;
  type: string;
  account?: string;
  state: 'pending' | 'delivered' | 'failed';
  attempts: number;
  next_try_at: string | null;
  created_at: string;
  finished_at: string | null;
  history: Attempt[] | null;
  body: string;
}

/** What may be asked for, in the order in which it is offered. */
export const eventNames: readonly (readonly [string, string])[] = [
  ['generation.complete', 'A picture job is complete'],
  ['generation.failed', 'A picture job failed'],
  ['generation.cancelled', 'A picture job was cancelled'],
  ['balance.below', 'The balance falls below a mark'],
  ['grant.expiring', 'Tokens are about to expire'],
  ['plan.changed', 'The plan has changed'],
  ['payment.received', 'A top-up was credited'],
  ['payment.disputed', 'A payment is disputed'],
  ['payment.dispute_won', 'A dispute was won'],
  ['payment.dispute_lost', 'A dispute was lost'],
];

/** The form's content as the API wants it, or what is missing, by field. */
export function terms(form: { url: string; events: readonly string[]; below: string; hours: string }): { body: WebhookChange } | { faults: Record<string, string> } {
  const faults: Record<string, string> = {};
  const body: WebhookChange = { url: form.url.trim(), events: eventNames.map(([type]) => type).filter((type) => form.events.includes(type)) };
  if (!/^https?:\/\/.+/.test(body.url ?? '')) faults['url'] = 'Give the address to call, beginning with https://.';
  if (body.events?.length === 0) faults['events'] = 'Choose at least one event.';
  if (form.events.includes('balance.below')) {
    if (!/^[1-9]\d{0,15}$/.test(form.below.trim())) faults['balance_below'] = 'Give the mark in whole tokens, 1 or more.';
    else body.balance_below = Number(form.below);
  }
  if (form.events.includes('grant.expiring')) {
    const hours = Number(form.hours);
    if (!/^\d{1,3}$/.test(form.hours.trim()) || hours < 1 || hours > 720) faults['expiring_hours'] = 'Give 1 to 720 hours.';
    else body.expiring_hours = hours;
  }
  return Object.keys(faults).length > 0 ? { faults } : { body };
}

/** What a webhook is told, in one line. */
export function listens(hook: Webhook): string {
  if (hook.kind === 'key') return 'Every job that the API key asks for';
  return (hook.events ?? []).map((type) => {
    if (type === 'balance.below') return `balance below ${tokens(hook.balance_below ?? 0)}`;
    if (type === 'grant.expiring') return `tokens that expire within ${hook.expiring_hours ?? 72} h`;
    return type;
  }).join(' · ');
}

/** How a delivery stands, in a few words. */
export function standing(delivery: Delivery): string {
  const last = delivery.history?.at(-1);
  if (delivery.state === 'delivered') return `Delivered${last?.status ? `, ${last.status}` : ''}`;
  const why = last?.error ? `: ${last.error}` : '';
  if (delivery.state === 'failed') return `Failed${why}`;
  return last ? `Will be tried again${why}` : 'On its way';
}
