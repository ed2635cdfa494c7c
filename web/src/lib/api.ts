// The typed client of /api/v1. Every failure is a Problem.
import type { ModelFiles } from './models';
import type { Delivery, Webhook, WebhookChange, WebhookOwner } from './webhooks';
import { Problem, unreachable, type ProblemBody } from './problem';
import type { Balance, Catalog, Info, Job, JobRequest, Key, KeyTerms, Me, Picture, Quote, QuoteRequest, Upload, UploadKind } from './types';

async function call<T>(method: string, path: string, body?: unknown, options: { signal?: AbortSignal; key?: string } = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json, application/problem+json' };
  const file = body instanceof Blob;
  if (body !== undefined) headers['Content-Type'] = file ? 'application/octet-stream' : 'application/json';
  if (options.key) headers['Idempotency-Key'] = options.key;
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      headers,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: file ? body : JSON.stringify(body) }),
      ...(options.signal ? { signal: options.signal } : {}),
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw unreachable();
  }
  if (!response.ok) throw new Problem(response.status, await problemBody(response));
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

async function problemBody(response: Response): Promise<ProblemBody> {
  try {
    return (await response.json()) as ProblemBody;
  } catch {
    return { detail: `The server answered with status ${response.status}.` };
  }
}

/** Answers about one thing come either bare or under its name; both are taken. */
function inner<T>(name: string): (answer: unknown) => T {
  return (answer) => {
    const box = answer as Record<string, unknown>;
    return (name in box ? box[name] : answer) as T;
  };
}

const me = inner<Me>('me');
const job = inner<Job>('job');
const picture = inner<Picture>('picture');

function page(limit: number, cursor?: string | null): string {
  const query = new URLSearchParams({ limit: String(limit) });
  if (cursor) query.set('cursor', cursor);
  return `?${query}`;
}

const hooks = (owner: WebhookOwner) => (owner === 'installation' ? '/admin/webhooks' : '/webhooks');
const hook = (owner: WebhookOwner, id: string) => `${hooks(owner)}/${encodeURIComponent(id)}`;

export const api = {
  info: () => call<Info>('GET', '/info'),
  setup: (body: { code: string; name: string; email: string; password: string; sign_up: 'open' | 'closed' }) =>
    call('POST', '/setup', body).then(me),
  signUp: (body: { name: string; email: string; password: string }) => call('POST', '/sign-up', body).then(me),
  signIn: (body: { email: string; password: string }) => call('POST', '/sign-in', body).then(me),
  signOut: () => call<void>('POST', '/sign-out'),
  me: () => call('GET', '/me').then(me),
  balance: () => call<Balance>('GET', '/balance'),
  catalog: () => call<Catalog>('GET', '/catalog'),
  quote: (body: QuoteRequest, signal?: AbortSignal) =>
    call<Quote>('POST', '/quotes', body, signal ? { signal } : {}),
  submit: (body: JobRequest, key: string) => call('POST', '/jobs', body, { key }).then(job),
  jobs: (limit: number, cursor?: string | null) =>
    call<{ jobs: Job[] | null; next_cursor?: string | null }>('GET', `/jobs${page(limit, cursor)}`),
  job: (id: string) => call('GET', `/jobs/${encodeURIComponent(id)}`).then(job),
  cancel: (id: string) => call('POST', `/jobs/${encodeURIComponent(id)}/cancel`).then(job),
  quoteRetry: (id: string) => call<Quote>('GET', `/jobs/${encodeURIComponent(id)}/retry`),
  retry: (id: string, quote: string, key: string) => call('POST', `/jobs/${encodeURIComponent(id)}/retry`, { quote }, { key }).then(job),
  pictures: (limit: number, cursor?: string | null) =>
    call<{ pictures: Picture[] | null; next_cursor?: string | null }>('GET', `/pictures${page(limit, cursor)}`),
  picture: (id: string) => call('GET', `/pictures/${encodeURIComponent(id)}`).then(picture),
  deletePicture: (id: string) => call<void>('DELETE', `/pictures/${encodeURIComponent(id)}`),
  deleteJob: (id: string) => call<void>('DELETE', `/jobs/${encodeURIComponent(id)}`),
  upload: (kind: UploadKind, file: Blob, name: string) =>
    call<Upload>('POST', `/uploads?${new URLSearchParams({ kind, name })}`, file),
  uploads: (kind: UploadKind, limit: number, cursor?: string | null) =>
    call<{ uploads: Upload[] | null; next_cursor?: string | null }>('GET', `/uploads${page(limit, cursor)}&kind=${kind}`),
  deleteUpload: (id: string) => call<void>('DELETE', `/uploads/${encodeURIComponent(id)}`),
  improvePrompt: (prompt: string) => call<{ prompt: string }>('POST', '/prompts/improve', { prompt }),
  randomPrompt: () => call<{ prompt: string }>('POST', '/prompts/random', {}),
  keys: () => call<{ keys: Key[] | null }>('GET', '/keys').then((answer) => answer.keys ?? []),
  createKey: (terms: KeyTerms, key: string) => call<{ id: string; name: string; key: string }>('POST', '/keys', terms, { key }),
  models: () => call<ModelFiles>('GET', '/admin/models'),
  installModels: (set: string, accept: boolean) => call<ModelFiles>('POST', `/admin/models/${encodeURIComponent(set)}/install`, { accept_licenses: accept }),
  removeModels: (set: string) => call<ModelFiles>('DELETE', `/admin/models/${encodeURIComponent(set)}`),
  webhooks: (owner: WebhookOwner) => call<{ webhooks: Webhook[] | null }>('GET', hooks(owner)).then((answer) => answer.webhooks ?? []),
  createWebhook: (owner: WebhookOwner, body: WebhookChange) => call<Webhook>('POST', hooks(owner), body),
  changeWebhook: (owner: WebhookOwner, id: string, body: WebhookChange) => call<Webhook>('PATCH', hook(owner, id), body),
  deleteWebhook: (owner: WebhookOwner, id: string) => call<void>('DELETE', hook(owner, id)),
  testWebhook: (owner: WebhookOwner, id: string) => call<Delivery>('POST', `${hook(owner, id)}/test`),
  rotateWebhook: (owner: WebhookOwner, id: string) => call<Webhook>('POST', `${hook(owner, id)}/rotate`),
  deliveries: (owner: WebhookOwner, id: string, limit: number, cursor?: string | null) =>
    call<{ deliveries: Delivery[] | null; next_cursor?: string | null }>('GET', `${hook(owner, id)}/deliveries${page(limit, cursor)}`),
  replayDelivery: (owner: WebhookOwner, id: string, delivery: string) => call<Delivery>('POST', `${hook(owner, id)}/deliveries/${encodeURIComponent(delivery)}/replay`),
  revokeKey: (id: string) => call<void>('DELETE', `/keys/${encodeURIComponent(id)}`),
};
