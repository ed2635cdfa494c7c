import { describe, expect, test } from 'vitest';
import { ago, countdown, expected, kindName, money, number, ratio, spoken, tokens } from '../src/lib/format';
import { fieldErrors, fieldOf, Problem, sentence } from '../src/lib/problem';
import { isPage, resolve, returnTo } from '../src/lib/router';
import { check, fit, firstRun, priced, recall, request, restore } from '../src/lib/settings';
import type { Catalog, Job, Picture } from '../src/lib/types';
import { planLine, shortSentence, verdict } from '../src/lib/verdict';
import { runs } from '../src/lib/words';

describe('router', () => {
  test.each([
    ['/', 'studio'],
    ['/gallery', 'gallery'],
    ['/gallery/', 'gallery'],
    ['/pictures/abc', 'picture'],
    ['/setup?code=x', 'setup'],
    ['/settings/keys', 'keys'],
    ['/settings/webhooks', 'webhooks'],
    ['/pictures', 'not-found'],
    ['/pictures/%E0%A4%A', 'not-found'],
    ['/Gallery', 'not-found'],
  ])('%s is %s', (address, page) => expect(resolve(address).page).toBe(page));

  test('parameters and query are decoded', () => {
    expect(resolve('/pictures/a%20b').params).toEqual({ id: 'a b' });
    expect(resolve('/setup?code=a%2Bb').query.get('code')).toBe('a+b');
  });

  test('files and API calls are left to the server', () => {
    expect(isPage('/pictures/abc')).toBe(true);
    expect(isPage('/pictures/abc.png')).toBe(false);
    expect(isPage('/pictures/abc/thumb.jpg')).toBe(false);
    expect(isPage('/api/v1/info')).toBe(false);
  });

  test('after signing in nobody is sent to another origin or back to a form', () => {
    const to = (value: string) => returnTo(new URLSearchParams({ to: value }));
    expect(to('/gallery?x=1')).toBe('/gallery?x=1');
    expect(to('//evil.example')).toBe('/');
    expect(to('/\\evil.example')).toBe('/');
    expect(to('https://evil.example/')).toBe('/');
    expect(to('/sign-in')).toBe('/');
    expect(returnTo(new URLSearchParams())).toBe('/');
  });
});

describe('format', () => {
  test('numbers', () => {
    expect(number(8500)).toBe('8,500');
    expect(number(-3)).toBe('−3');
    expect(number(Number.MAX_SAFE_INTEGER)).toBe('9,007,199,254,740,991');
    expect(tokens(1)).toBe('1 token');
    expect(tokens(0)).toBe('0 tokens');
    expect(money(1200, 'USD')).toBe('$12');
    expect(money(1250, 'USD')).toBe('$12.50');
    expect(kindName('topup')).toBe('Top-up');
    expect(kindName('house_gift')).toBe('House gift');
  });

  test.each([
    [-5, '0:00'],
    [0, '0:00'],
    [1, '0:01'],
    [59_001, '1:00'],
    [245_000, '4:05'],
    [3_600_000, '01:00:00'],
    [86_399_000, '23:59:59'],
    [90_061_000, '1 d 01:01:01'],
  ])('countdown of %i ms is %s', (ms, text) => expect(countdown(ms)).toBe(text));

  test.each([
    [0, 3, 'now'],
    [10, 50, 'within a minute'],
    [20, 130, 'within 3 min'],
    [125, 350, 'in 2–6 min'],
    [185, 239, 'in 3–4 min'],
    [60 * 60, 130 * 60, 'in 60 min to 2 h'],
    [-10, -2, 'now'],
    [60 * 60 * 70, 60 * 60 * 99, 'in 3 days to 4 days'],
  ])('what begins in %i to %i seconds begins %s', (low, high, text) => {
    const at = (s: number) => new Date(1_000_000_000_000 + s * 1000).toISOString();
    expect(expected(at(low), at(high), 1_000_000_000_000)).toBe(text);
  });

  test('of a long line only the least is told', () => {
    expect(expected('2001-09-09T02:26:40Z', null, 1_000_000_000_000)).toBe('in more than 40 min');
    expect(expected(null, null, 1_000_000_000_000)).toBe('');
    expect(expected('2001-09-09T01:46:41Z', null, 1_000_000_000_000)).toBe('');
  });

  test('spoken and ago', () => {
    expect(spoken(0)).toBe('less than a minute');
    expect(spoken(61_000)).toBe('2 min');
    expect(spoken(5 * 3_600_000)).toBe('5 h');
    expect(spoken(72 * 3_600_000)).toBe('3 days');
    const now = Date.parse('2026-03-10T12:00:00Z');
    expect(ago('2026-03-10T11:59:50Z', now)).toBe('just now');
    expect(ago('2026-03-10T11:56:00Z', now)).toBe('4 min ago');
    expect(ago('2026-03-10T09:00:00Z', now)).toBe('3 h ago');
    expect(ago('nonsense', now)).toBe('');
  });

  test('ratio', () => {
    expect(ratio(768, 768)).toBe('1:1');
    expect(ratio(1152, 768)).toBe('3:2');
    expect(ratio(1048, 768)).toBe('1.36:1');
    expect(ratio(0, 768)).toBe('');
  });
});

describe('problem', () => {
  test('locations name fields', () => {
    expect(fieldOf('body.width')).toBe('width');
    expect(fieldOf('body')).toBe('');
    expect(fieldOf('query.limit')).toBe('limit');
    expect(fieldOf('body.elements[2].weight')).toBe('weight');
    expect(fieldOf('body.elements[2]')).toBe('elements');
  });

  test('messages go to their field and none is lost', () => {
    const body = {
      detail: 'validation failed',
      errors: [
        { location: 'body.width', message: 'must be a multiple of 8', value: 700 },
        { location: 'body.width', message: 'must be at most 1536' },
        { location: 'body.magic', message: 'unexpected property' },
      ],
    };
    expect(fieldErrors(body, ['width', 'height'])).toEqual({
      fields: { width: 'Must be a multiple of 8. Must be at most 1536.' },
      rest: ['Unexpected property.'],
    });
    expect(fieldErrors({ detail: 'No.' }, ['width'])).toEqual({ fields: {}, rest: ['No.'] });
    expect(sentence('  ')).toBe('This value is not accepted.');
  });

  test('a problem without a code gets one from its status', () => {
    expect(new Problem(404, {}).code).toBe('not_found');
    expect(new Problem(502, {}).code).toBe('internal');
    expect(new Problem(402, { code: 'insufficient_tokens', detail: 'x' }).code).toBe('insufficient_tokens');
  });
});

describe('settings', () => {
  const pipeline = { id: 'default', name: 'Default', description: '', premium: false, max_images: 4 };

  test('limits', () => {
    expect(check(firstRun)).toEqual({});
    expect(check({ ...firstRun, prompt: '  ' })['prompt']).toContain('Describe');
    expect(check({ ...firstRun, prompt: 'é'.repeat(1501) })['prompt']).toContain('1501');
    expect(check({ ...firstRun, width: 700 })['width']).toBe('A multiple of 8, such as 696 or 704.');
    expect(check({ ...firstRun, height: 1544 })['height']).toBe('32 to 1536 pixels.');
    expect(check({ ...firstRun, height: null })['height']).toContain('whole number');
    expect(check({ ...firstRun, images: 5 }, pipeline)['images']).toBe('1 to 4 images.');
    expect(check({ ...firstRun, seed: 9_999_999_999 })['seed']).toBeTruthy();
  });

  test('only what matters stops the price', () => {
    expect(priced({ ...firstRun, prompt: '' })).toEqual({ pipeline: 'default', images: 1, width: 768, height: 768 });
    expect(priced({ ...firstRun, width: 9 })).toBeNull();
  });

  test('request leaves out what is random and carries the quote', () => {
    expect(request({ ...firstRun, prompt: ' a ' }, 'q1')).toEqual({
      quote: 'q1', pipeline: 'default', prompt: 'a', negative_prompt: '', width: 768, height: 768, images: 1,
    });
    expect(request({ ...firstRun, seed: 0 }).seed).toBe(0);
  });

  test('recall, restore, fit', () => {
    const job = { prompt: 'p', negative_prompt: 'n', pipeline: 'x', width: 512, height: 768, images: 4, seed: 7 } as Job;
    expect(recall(job)).toMatchObject({ images: 4, seed: 7 });
    expect(recall(job, { seed: 9 } as Picture)).toMatchObject({ images: 1, seed: 9 });
    expect(restore(JSON.stringify(recall(job)))).toEqual(recall(job));
    expect(restore('{')).toEqual(firstRun);
    expect(restore('{"width":"768","prompt":3}')).toEqual(firstRun);
    const catalog = { pipelines: [pipeline] } as unknown as Catalog;
    expect(fit(recall(job), catalog).pipeline).toBe('default');
  });
});

describe('verdict', () => {
  const now = Date.parse('2026-03-10T12:00:00Z');
  const quote = {
    id: 'q', tokens: 18, lines: [], lane: 'fast' as const, covered: false, balance: 10, missing: 8,
    next: { at: '2026-03-11T00:00:00Z', tokens: 150, kind: 'daily' }, pays: [], plans: [], expires_at: '', catalog: '1',
  };
  const state = { quote, request: null, problem: null, stale: false };

  test('kinds', () => {
    expect(verdict({ ...state, quote: null }).kind).toBe('pricing');
    expect(verdict({ ...state, quote: { ...quote, covered: true } })).toEqual({ kind: 'ready', price: 18, relaxed: false });
    expect(verdict({ ...state, quote: { ...quote, lane: 'relaxed' } })).toMatchObject({ relaxed: true });
    expect(verdict(state)).toMatchObject({ kind: 'short', missing: 8 });
    const refused = new Problem(403, { code: 'plan_required', plan: { id: 'apprentice', name: 'Apprentice' } });
    expect(verdict({ ...state, problem: refused })).toMatchObject({ kind: 'plan', plan: { id: 'apprentice' } });
    expect(verdict({ ...state, problem: new Problem(422, { detail: 'No.' }) })).toEqual({ kind: 'refused', detail: 'No.' });
  });

  test('sentences', () => {
    expect(shortSentence({ ...quote, price: 18 }, now)).toBe(
      'This costs 18 tokens and you have 10: 8 missing. 150 tokens (daily) come in 12 h.',
    );
    expect(shortSentence({ ...quote, price: 18, next: null }, now)).toContain('No further tokens');
    const plan = { id: 'a', name: 'A', allowance: { tokens: 8500, every: 'month' }, price: { currency: 'USD', month: 1200, year: 12000 } };
    const catalog = { plans: [plan] } as unknown as Catalog;
    expect(planLine({ id: 'a', name: 'A' }, catalog)).toBe('A: 8,500 tokens a month, $12 a month');
    expect(planLine({ id: 'b', name: 'B' }, catalog)).toBe('B');
  });
});

test('words keep every character of the prompt', () => {
  const prompt = 'A misty Lake, at dawn!';
  const split = runs(prompt, ['misty', 'lake'], ['dawn']);
  expect(split.map((run) => run.text).join('')).toBe(prompt);
  expect(split.filter((run) => run.fate === 'used').map((run) => run.text)).toEqual(['misty', 'Lake']);
  expect(split.filter((run) => run.fate === 'ignored').map((run) => run.text)).toEqual(['dawn']);
});
