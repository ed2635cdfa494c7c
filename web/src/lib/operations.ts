// What can be done to one picture or mesh, and what stands in its way. Prices are the server's.
import { api } from './api';
import { Problem } from './problem';
import type { Catalog, Job, JobRequest, Operation, Quote, QuoteRequest } from './types';
import { planLine, shortSentence, verdict } from './verdict';

/** The operations of a picture's page, in their order there. */
export const onPictures = ['upscale', 'alchemy_upscale', 'unzoom', 'remove_background'] as const;

/** The operations of a mesh. */
export const onMeshes = ['texture_preview', 'texture'] as const;

export type Offer =
  | { kind: 'open'; tokens: number }
  | { kind: 'closed'; tokens: number | null; reason: string };

/** What an operation costs now, or why it cannot be had. */
export async function offer(request: QuoteRequest, catalog: Catalog | null): Promise<Offer> {
  const operation = catalog?.operations?.find(({ id }) => id === request.operation);
  if (operation?.missing) return { kind: 'closed', tokens: operation.tokens, reason: `Not installed: ${operation.missing}` };
  return offered(api.quote(request), operation?.tokens ?? null, catalog);
}

/** What the pictures that an ended job did not make cost now, or why they cannot be had. */
export function offerRetry(job: Job, catalog: Catalog | null): Promise<Offer> {
  return offered(api.quoteRetry(job.id), null, catalog);
}

async function offered(quote: Promise<Quote>, usual: number | null, catalog: Catalog | null): Promise<Offer> {
  try {
    return { kind: 'open', tokens: (await quote).tokens };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { plan } = error.body;
    const reason = error.code === 'plan_required' && plan ? `Needs ${planLine(plan, catalog)}` : error.message;
    return { kind: 'closed', tokens: usual, reason };
  }
}

/** The name that people see of what a job or picture was made by. */
export function nameOf(made: { operation?: string | null; pipeline?: string }, catalog: Catalog | null): string {
  if (made.operation) return catalog?.operations?.find(({ id }) => id === made.operation)?.name ?? made.operation;
  return catalog?.pipelines.find(({ id }) => id === made.pipeline)?.name ?? made.pipeline ?? '';
}

export function find(id: string, catalog: Catalog | null): Operation | undefined {
  return catalog?.operations?.find((operation) => operation.id === id);
}

/**
 * Orders work at the price that was shown. A price that changed meanwhile is told instead,
 * and so is what the balance lacks.
 */
export async function order(work: JobRequest, priced: QuoteRequest, shown: number, catalog: Catalog | null, now: number): Promise<Job> {
  const quote = await api.quote(priced);
  confirm(quote, shown, catalog, now);
  return api.submit({ ...work, quote: quote.id }, newKey());
}

/** Orders again what an ended job did not make, as a new job, on the same terms. */
export async function retry(job: Job, shown: number, catalog: Catalog | null, now: number): Promise<Job> {
  const quote = await api.quoteRetry(job.id);
  confirm(quote, shown, catalog, now);
  return api.retry(job.id, quote.id, newKey());
}

const newKey = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;

function confirm(quote: Quote, shown: number, catalog: Catalog | null, now: number): void {
  const judged = verdict({ quote, request: null, problem: null, stale: false });
  if (judged.kind === 'short') {
    const plans = judged.plans.map((plan) => planLine(plan, catalog)).join('; ');
    throw new Problem(402, { code: 'insufficient_tokens', detail: shortSentence(judged, now) + (plans ? ` ${plans}.` : '') });
  }
  if (quote.tokens !== shown) {
    throw new Problem(409, { code: 'quote_mismatch', detail: `The price is ${quote.tokens} now, not ${shown}. Order again if that is right.` });
  }
}

/** The size at which a canvas is priced: each side rounded up to a multiple of 8. */
export function priceSide(pixels: number): number {
  return Math.max(32, Math.ceil(pixels / 8) * 8);
}
