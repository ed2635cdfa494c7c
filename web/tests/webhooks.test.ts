import { describe, expect, it } from 'vitest';
import { listens, standing, terms, type Delivery, type Webhook } from '../src/lib/webhooks';

const form = { url: ' https://shop.example/hook ', events: ['plan.changed', 'balance.below'], below: '100', hours: '72' };

describe('the form', () => {
  it('becomes what the API wants, and nothing more', () => {
    expect(terms(form)).toEqual({ body: { url: 'https://shop.example/hook', events: ['balance.below', 'plan.changed'], balance_below: 100 } });
    expect(terms({ ...form, events: ['grant.expiring'] })).toEqual({ body: { url: 'https://shop.example/hook', events: ['grant.expiring'], expiring_hours: 72 } });
  });
  it('says what is missing, field by field', () => {
    expect(terms({ url: 'shop', events: [], below: '', hours: '' })).toEqual({ faults: { url: expect.any(String), events: expect.any(String) } });
    for (const below of ['', '0', '1.5', 'x', '-1']) expect(terms({ ...form, below })).toEqual({ faults: { balance_below: expect.any(String) } });
    for (const hours of ['', '0', '721', 'x']) expect(terms({ ...form, events: ['grant.expiring'], hours })).toEqual({ faults: { expiring_hours: expect.any(String) } });
  });
});

const hook: Webhook = {
  id: '1', kind: 'events', name: '', url: 'https://h/', events: ['balance.below', 'grant.expiring', 'plan.changed'], balance_below: 1, expiring_hours: 48,
  secret: '', old_secret_until: null, created_at: '', failing_since: null, disabled_at: null,
};
const delivery: Delivery = { id: '1', type: 'plan.changed', state: 'pending', attempts: 0, next_try_at: null, created_at: '', finished_at: null, history: [], body: '' };

describe('words', () => {
  it('tell what a webhook listens for', () => {
    expect(listens(hook)).toBe('balance below 1 token · tokens that expire within 48 h · plan.changed');
    expect(listens({ ...hook, kind: 'key' })).toBe('Every job that the API key asks for');
  });
  it('tell how a delivery stands', () => {
    expect(standing(delivery)).toBe('On its way');
    const history = [{ at: '', error: 'it answered 500', status: 500, ms: 3 }];
    expect(standing({ ...delivery, history })).toBe('Will be tried again: it answered 500');
    expect(standing({ ...delivery, state: 'failed', history })).toBe('Failed: it answered 500');
    expect(standing({ ...delivery, state: 'delivered', history: [{ at: '', status: 204, ms: 3 }] })).toBe('Delivered, 204');
  });
});
