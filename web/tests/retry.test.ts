// A retry: priced before the click, ordered at that price and no other.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { offerRetry, retry } from '../src/lib/operations';
import type { Catalog, Job } from '../src/lib/types';

const job = { id: 'j 1', status: 'failed', images: 4 } as Job;
const catalog = { plans: [{ id: 'artisan', name: 'Artisan', allowance: { tokens: 25000, every: 'month' } }] } as unknown as Catalog;
const quote = (tokens: number, more = {}) => ({ id: `q${tokens}`, tokens, lane: 'fast', covered: true, balance: 100, missing: 0, pays: [], plans: [], lines: [], ...more });

interface Sent { method: string; path: string; body: unknown; key: string | null }

/** Answers each request in turn and keeps what was sent. */
function server(...answers: [number, unknown][]): Sent[] {
  const sent: Sent[] = [];
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    const [status, body] = answers[sent.length] ?? [500, {}];
    sent.push({ method: init.method ?? 'GET', path, body: init.body ? JSON.parse(String(init.body)) : undefined, key: new Headers(init.headers).get('Idempotency-Key') });
    return new Response(JSON.stringify(body), { status });
  });
  return sent;
}
afterEach(() => void vi.unstubAllGlobals());

describe('a retry', () => {
  test('has its price before the click', async () => {
    const sent = server([200, quote(3)]);
    expect(await offerRetry(job, catalog)).toEqual({ kind: 'open', tokens: 3 });
    expect(sent).toMatchObject([{ method: 'GET', path: '/api/v1/jobs/j%201/retry' }]);
  });

  test('that cannot be had says why', async () => {
    server([403, { code: 'plan_required', detail: 'Not on this plan.', plan: { id: 'artisan', name: 'Artisan' } }], [422, { code: 'invalid', detail: 'The source is gone.' }]);
    expect(await offerRetry(job, catalog)).toMatchObject({ kind: 'closed', reason: expect.stringContaining('Needs Artisan') });
    expect(await offerRetry(job, catalog)).toMatchObject({ kind: 'closed', reason: expect.stringContaining('The source is gone') });
  });

  test('is ordered at the price shown, under a key of its own', async () => {
    const sent = server([200, quote(3)], [201, { id: 'new', status: 'queued' }], [200, quote(3)], [201, { id: 'newer', status: 'queued' }]);
    expect((await retry(job, 3, catalog, 0)).id).toBe('new');
    expect((await retry(job, 3, catalog, 0)).id).toBe('newer');
    expect(sent[1]).toMatchObject({ method: 'POST', path: '/api/v1/jobs/j%201/retry', body: { quote: 'q3' } });
    expect(sent[1]?.key).toBeTruthy();
    expect(sent[1]?.key).not.toBe(sent[3]?.key);
  });

  test.each([
    ['another price', quote(4), /4 now, not 3/],
    ['too few tokens', quote(3, { covered: false, balance: 1, missing: 2 }), /2 missing/],
  ])('is not sent for %s', async (_, now, said) => {
    const sent = server([200, now]);
    await expect(retry(job, 3, catalog, 0)).rejects.toThrow(said);
    expect(sent.length).toBe(1);
  });

  test('goes to the relaxed lane where that is what the price says', async () => {
    const sent = server([200, quote(3, { covered: true, lane: 'relaxed', balance: 0 })], [201, { id: 'new', status: 'queued' }]);
    await retry(job, 3, catalog, 0);
    expect(sent.length).toBe(2);
  });
});
