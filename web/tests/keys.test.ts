import { describe, expect, it } from 'vitest';
import { bounds, emptyForm, hookOf, terms } from '../src/lib/keys';
import type { Key } from '../src/lib/types';

const now = Date.parse('2026-05-01T12:00:00Z');
const form = { ...emptyForm(), name: ' Posters ' };

describe('the form', () => {
  it('becomes what the API wants, and nothing more', () => {
    expect(terms(form, now)).toEqual({ body: { name: 'Posters', scopes: ['read', 'generate'] } });
    const all = { ...form, until: '2099-12-31', daily: ' 5 ', total: '60', hook: ' https://shop.example/done ', secret: ' s ' };
    expect(terms(all, now)).toEqual({
      body: {
        name: 'Posters', scopes: ['read', 'generate'], expires_at: new Date('2099-12-31T23:59:59.999').toISOString(), budget_day: 5, budget_total: 60,
        webhook_url: 'https://shop.example/done', webhook_secret: ' s ',
      },
    });
    expect(terms({ ...form, hook: 'http://shop.example' }, now)).toHaveProperty('body.webhook_url', 'http://shop.example');
  });
  it('says what is wrong, field by field', () => {
    const wrong = { ...emptyForm(), name: ' ', scopes: { read: false, generate: false, admin: false }, until: '2020-01-01', daily: '1.5', total: '0', hook: 'shop', secret: 'ä'.repeat(129) };
    const said = terms(wrong, now);
    expect('faults' in said && Object.keys(said.faults).sort()).toEqual(['budget_day', 'budget_total', 'expires_at', 'name', 'scopes', 'webhook_secret', 'webhook_url']);
    expect(terms({ ...form, hook: 'https://h', secret: 'ä'.repeat(128) }, now)).toHaveProperty('body.webhook_secret');
  });
  it('refuses a secret that nobody would get', () => {
    expect(terms({ ...form, secret: 's' }, now)).toEqual({ faults: { webhook_url: expect.stringContaining('secret') } });
  });
});

const key: Key = {
  id: '1', name: 'Posters', hint: '', scopes: ['read'], created_at: '', expires_at: null, budget_day: 0, budget_total: 0, spent_day: 0, spent_total: 0,
};

describe('words', () => {
  it('tell what bounds a key', () => {
    expect(bounds(key, now)).toEqual([]);
    expect(bounds({ ...key, expires_at: '2026-04-30T12:00:00Z', budget_day: 5, spent_day: 2 }, now)).toEqual([expect.stringMatching(/^ended 30 Apr/), '2 of 5 tokens today']);
    expect(bounds({ ...key, expires_at: '2026-05-30T12:00:00Z', budget_total: 9 }, now)).toEqual([expect.stringMatching(/^until 30 May/), '0 of 9 tokens in all']);
  });
  it('tell who is told of its jobs, and why nobody is any more', () => {
    expect(hookOf(key, now)).toBeNull();
    const hooked = { ...key, webhook_url: 'https://shop.example:8443/done?x=1' };
    expect(hookOf(hooked, now)).toEqual({ host: 'shop.example:8443', off: '' });
    expect(hookOf({ ...hooked, webhook_disabled_at: null }, now)?.off).toBe('');
    const off = hookOf({ ...hooked, webhook_disabled_at: '2026-04-20T12:00:00Z', webhook_reason: 'it answered 503' }, now)?.off;
    expect(off).toMatch(/^off since 20 Apr, \d\d:\d\d, it answered 503$/);
    expect(hookOf({ ...hooked, webhook_disabled_at: '2026-04-20T12:00:00Z' }, now)?.off).toMatch(/^off since 20 Apr, \d\d:\d\d$/);
    expect(hookOf({ ...key, webhook_url: 'odd' }, now)?.host).toBe('odd');
  });
});
