// A typed client of Florin's API. The types come from the OpenAPI document, so that a
// path, a body or a member that does not exist is an error of the compiler.
//
// Every write gets an idempotency key where the caller gives none, and is repeated with
// the same key where the server says 429 or 503 or the connection breaks: what was asked
// for happens once.
import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './schema.js';

export type { components, paths } from './schema.js';
export { verifyWebhook, type FlorinEvent } from './webhook.js';

/** A refusal with the figures that explain it (RFC 9457). */
export type Problem = components['schemas']['Problem'];

export interface Options {
  /** Where Florin is, such as https://studio.example.org. */
  url: string;
  /** A key made on the page of keys, or a service key. */
  key: string;
  /** How often a request is sent at most; 4 if missing. */
  tries?: number;
  /** Sends a request; the platform's own if missing. */
  fetch?: (request: Request) => Promise<Response>;
}

export type Florin = Client<paths, `${string}/${string}`>;

/** Makes a client with a method for each verb: client.POST('/api/v1/accounts', { body }). */
export function florin(options: Options): Florin {
  const send = options.fetch ?? ((request: Request) => globalThis.fetch(request));
  return createClient<paths>({
    baseUrl: options.url.replace(/\/$/, ''),
    headers: { Authorization: `Bearer ${options.key}` },
    fetch: (request) => persist(keyed(request), send, options.tries ?? 4),
  });
}

/** Gives a write an idempotency key. */
function keyed(request: Request): Request {
  const writes = request.method !== 'GET' && request.method !== 'HEAD';
  if (writes && !request.headers.has('Idempotency-Key')) request.headers.set('Idempotency-Key', crypto.randomUUID());
  return request;
}

/** Sends until there is an answer that sending again would not change. */
async function persist(request: Request, send: (request: Request) => Promise<Response>, tries: number): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    let answer: Response | undefined;
    try {
      answer = await send(request.clone());
      if (attempt >= tries || !(await passes(answer))) return answer;
    } catch (error) {
      if (request.signal.aborted || attempt >= tries) throw error;
    }
    const told = Number(answer?.headers.get('Retry-After') ?? 0) * 1000;
    await pause(Math.max(told, 50 * attempt * attempt), request.signal);
  }
}

/** Tells of an answer after which the same request may succeed. */
async function passes(answer: Response): Promise<boolean> {
  if (answer.status === 429 || answer.status === 503) return true;
  if (answer.status !== 409) return false;
  const problem = (await answer.clone().json().catch(() => ({}))) as { code?: string };
  return problem.code === 'in_progress'; // the first try is still being worked on
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => { clearTimeout(timer); reject(signal.reason as Error); }, { once: true });
  });
}
