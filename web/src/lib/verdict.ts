// What the Generate button says: the one place that turns a quote or a refusal into words.
import { countdown, kindName, money, number, spoken, tokens } from './format';
import type { QuoteState } from './quotedesk';
import type { Catalog, Next, PlanRef } from './types';

export type Verdict =
  | { kind: 'pricing' }
  | { kind: 'ready'; price: number; relaxed: boolean }
  | { kind: 'short'; price: number; balance: number; missing: number; next: Next | null; plans: PlanRef[] }
  | { kind: 'plan'; plan: PlanRef | null; detail: string }
  | { kind: 'refused'; detail: string };

export function verdict(state: QuoteState): Verdict {
  const { quote, problem } = state;
  if (problem) {
    if (problem.code === 'plan_required') {
      return { kind: 'plan', plan: problem.body.plan ?? null, detail: problem.message };
    }
    return { kind: 'refused', detail: problem.message };
  }
  if (!quote) return { kind: 'pricing' };
  if (quote.lane === 'relaxed') return { kind: 'ready', price: quote.tokens, relaxed: true };
  if (quote.covered) return { kind: 'ready', price: quote.tokens, relaxed: false };
  const { tokens: price, balance, missing } = quote;
  return { kind: 'short', price, balance, missing, next: quote.next ?? null, plans: quote.plans ?? [] };
}

/** "8 more tokens needed" and, when the time is known, "in 05:12:33". */
export function shortLabel(missing: number): string {
  return `${number(missing)} more ${missing === 1 ? 'token' : 'tokens'} needed`;
}

export function nextLabel(next: Next | null, now: number): string {
  if (!next) return '';
  return `in ${countdown(Date.parse(next.at) - now)}`;
}

/** The whole explanation, for the panel and for screen readers. */
export function shortSentence(v: { price: number; balance: number; missing: number; next: Next | null }, now: number): string {
  const start = `This costs ${tokens(v.price)} and you have ${number(v.balance)}: ${number(v.missing)} missing.`;
  if (!v.next) return `${start} No further tokens are scheduled.`;
  const wait = spoken(Date.parse(v.next.at) - now);
  return `${start} ${tokens(v.next.tokens)} (${kindName(v.next.kind).toLowerCase()}) ${v.next.tokens === 1 ? 'comes' : 'come'} in ${wait}.`;
}

/** "Apprentice: 8,500 tokens a month, $12 a month". */
export function planLine(ref: PlanRef, catalog: Catalog | null): string {
  const plan = catalog?.plans.find((candidate) => candidate.id === ref.id);
  if (!plan) return ref.name;
  const parts = [`${tokens(plan.allowance.tokens)} a ${plan.allowance.every}`];
  if (plan.price && plan.price.month > 0) parts.push(`${money(plan.price.month, plan.price.currency)} a month`);
  return `${plan.name}: ${parts.join(', ')}`;
}
