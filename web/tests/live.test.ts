import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { later, news, take, takeAll, tiles } from '../src/lib/feed';
import { Live, type Source } from '../src/lib/live';
import { Problem } from '../src/lib/problem';
import { QuoteDesk, type QuoteState } from '../src/lib/quotedesk';
import type { Job, Quote, QuoteRequest } from '../src/lib/types';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const base: QuoteRequest = { pipeline: 'default', images: 1, width: 768, height: 768 };

function desk() {
  const asked: { request: QuoteRequest; signal: AbortSignal; give: (q: Quote) => void; fail: (e: unknown) => void }[] = [];
  const shown: QuoteState[] = [];
  const it = new QuoteDesk({
    ask: (request, signal) =>
      new Promise((give, fail) => {
        asked.push({ request, signal, give, fail });
      }),
    show: (state) => shown.push(state),
  });
  const quote = (tokens: number) => ({ id: `q${tokens}`, tokens, expires_at: '2026-01-01T00:10:00Z' }) as Quote;
  const settle = () => vi.advanceTimersByTimeAsync(0);
  return { it, asked, shown, quote, settle };
}

describe('quote desk', () => {
  test('asks at once the first time, then only when the knobs rest', async () => {
    const { it, asked, quote, settle } = desk();
    it.want(base);
    await settle();
    expect(asked).toHaveLength(1);
    asked[0]?.give(quote(1));
    await settle();
    expect(it.state).toMatchObject({ stale: false, quote: { tokens: 1 } });
    for (const images of [2, 3, 4]) {
      it.want({ ...base, images });
      await vi.advanceTimersByTimeAsync(60);
    }
    expect(asked).toHaveLength(1);
    expect(it.state).toMatchObject({ stale: true, quote: { tokens: 1 } });
    await vi.advanceTimersByTimeAsync(60);
    expect(asked.map((a) => a.request.images)).toEqual([1, 4]);
  });

  test('drops an answer that is no longer asked for', async () => {
    const { it, asked, quote, settle } = desk();
    it.want(base);
    await settle();
    it.want({ ...base, images: 4 });
    expect(asked[0]?.signal.aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(120);
    asked[1]?.give(quote(4));
    await settle();
    asked[0]?.give(quote(1));
    await settle();
    expect(it.state.quote?.tokens).toBe(4);
  });

  test('going back to settings that are already priced asks nothing', async () => {
    const { it, asked, quote, settle } = desk();
    it.want(base);
    await settle();
    asked[0]?.give(quote(1));
    await settle();
    it.want({ ...base, images: 2 });
    it.want(base);
    await vi.advanceTimersByTimeAsync(500);
    expect(asked).toHaveLength(1);
    expect(it.state.stale).toBe(false);
  });

  test('binds only while fresh, unexpired and for the same settings', async () => {
    const { it, asked, quote, settle } = desk();
    it.want(base);
    await settle();
    asked[0]?.give(quote(1));
    await settle();
    const [before, after] = [Date.parse('2026-01-01T00:09:59Z'), Date.parse('2026-01-01T00:10:00Z')];
    expect(it.binding(base, before)?.id).toBe('q1');
    expect(it.binding(base, after)).toBeNull();
    expect(it.binding({ ...base, images: 2 }, before)).toBeNull();
    it.refresh();
    expect(it.binding(base, before)).toBeNull();
  });

  test('a refusal keeps the last price and clears with the next', async () => {
    const { it, asked, quote, settle } = desk();
    it.want(base);
    await settle();
    asked[0]?.give(quote(1));
    await settle();
    it.want({ ...base, pipeline: 'alchemy' });
    await vi.advanceTimersByTimeAsync(120);
    asked[1]?.fail(new Problem(403, { code: 'plan_required' }));
    await settle();
    expect(it.state).toMatchObject({ stale: false, quote: { tokens: 1 }, problem: { code: 'plan_required' } });
    it.want(base);
    await vi.advanceTimersByTimeAsync(120);
    asked[2]?.give(quote(1));
    await settle();
    expect(it.state.problem).toBeNull();
  });
});

const job = (id: string, more: Partial<Job> = {}): Job =>
  ({ id, status: 'queued', progress: 0, images: 2, created_at: `2026-01-01T00:00:0${id}Z`, pictures: [], ...more }) as Job;
const picture = (index: number) => ({ id: `p${index}`, index }) as NonNullable<Job['pictures']>[number];

describe('feed', () => {
  test('newest first, once each, whatever the order of arrival', () => {
    const feed = takeAll([], [job('2'), job('1'), job('3'), job('2')]);
    expect(feed.map((j) => j.id)).toEqual(['3', '2', '1']);
  });

  test('late events do not undo', () => {
    const done = job('1', { status: 'complete', progress: 100 });
    expect(later(done, job('1', { status: 'running', progress: 50 }))).toBe(done);
    const half = job('1', { status: 'running', progress: 50 });
    expect(later(half, job('1', { status: 'running', progress: 40 }))).toBe(half);
    const more = job('1', { status: 'running', progress: 50, pictures: [picture(0)] });
    expect(later(half, more)).toBe(more);
    expect(later(more, job('1', { status: 'running', progress: 60 }))).toBe(more);
    const feed = [done];
    expect(take(feed, job('1', { status: 'queued' }))).toBe(feed);
  });

  test('tiles: finished, working with its own share, waiting, missing', () => {
    const running = job('1', { status: 'running', images: 4, progress: 40, pictures: [picture(0)] });
    expect(tiles(running)).toMatchObject([
      { state: 'done' }, { state: 'working', progress: 60 }, { state: 'waiting' }, { state: 'waiting' },
    ]);
    expect(tiles(job('1', { images: 2 })).map((t) => t.state)).toEqual(['waiting', 'waiting']);
    expect(tiles(job('1', { status: 'failed', pictures: [picture(1)] })).map((t) => t.state)).toEqual(['done', 'missing']);
  });

  test('news are told once', () => {
    const running = job('1', { status: 'running' });
    expect(news(undefined, job('1'))).toContain('accepted');
    expect(news(job('1'), running)).toContain('started');
    expect(news(running, { ...running, progress: 40 })).toBe('');
    expect(news(running, { ...running, pictures: [picture(0)] })).toBe('1 of 2 pictures finished.');
    expect(news(running, { ...running, status: 'failed', reason: 'The engine stopped.' })).toBe('The job failed. The engine stopped.');
  });
});

class FakeSource implements Source {
  readyState = 0;
  heard = new Map<string, (event: MessageEvent<string>) => void>();
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void) {
    this.heard.set(type, listener);
  }
  say(type: string, data = '') {
    this.heard.get(type)?.({ data } as MessageEvent<string>);
  }
  close() {
    this.readyState = 2;
  }
}

describe('live', () => {
  test('reads events, survives a damaged one, and reopens after the browser gave up', async () => {
    const sources: FakeSource[] = [];
    const log: string[] = [];
    const live = new Live(
      {
        job: (j) => log.push(`job ${j.id}`),
        balance: (b) => log.push(`balance ${b.balance}`),
        reopened: () => log.push('reopened'),
        line: (up) => log.push(up ? 'up' : 'down'),
      },
      () => {
        const source = new FakeSource();
        sources.push(source);
        return source;
      },
    );
    live.start();
    live.start();
    expect(sources).toHaveLength(1);
    const [first] = sources;
    first?.say('open');
    first?.say('job', '{"id":"1"}');
    first?.say('job', '{"id":');
    first?.say('balance', '{"balance":149}');
    first?.say('error');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sources).toHaveLength(1);
    if (first) first.readyState = 2;
    first?.say('error');
    await vi.advanceTimersByTimeAsync(999);
    expect(sources).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    sources[1]?.say('open');
    expect(log).toEqual(['up', 'job 1', 'balance 149', 'down', 'down', 'up', 'reopened']);
    live.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sources).toHaveLength(2);
  });
});
