// Prices of neighbouring choices, for menus and explanations. Each is asked of the server
// once per balance and catalog; a choice that the plan lacks answers with that plan's name.
import { api } from './api';
import { number } from './format';
import { Problem } from './problem';
import { fingerprint } from './quotedesk';
import type { QuoteRequest } from './types';

const known = new Map<string, Promise<string>>();

export function priceOf(request: QuoteRequest, plan: string): Promise<string> {
  const key = `${plan}|${fingerprint(request)}`;
  let price = known.get(key);
  if (!price) {
    price = api.quote(request).then((quote) => number(quote.tokens), explain);
    price.catch(() => known.delete(key));
    known.set(key, price);
  }
  return price;
}

function explain(error: unknown): string {
  if (error instanceof Problem && error.code === 'plan_required') return error.body.plan?.name ?? 'Premium';
  if (error instanceof Problem && error.status === 422) return '–';
  throw error;
}
