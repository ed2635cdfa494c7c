// Charges an order once, however often it is sent, and settles a render for what it used.
// Run with FLORIN_URL and FLORIN_KEY, a service key.
import assert from 'node:assert/strict';
import { florin } from './index.js';

const client = florin({ url: process.env['FLORIN_URL'] ?? 'http://127.0.0.1:8080', key: process.env['FLORIN_KEY'] ?? '' });

const opened = await client.POST('/api/v1/accounts', { body: { external_id: 'typescript-example' } });
assert.ok(opened.data, JSON.stringify(opened.error));
const account = opened.data.id;

for (let i = 0; i < 2; i++) {
  const order = await client.POST('/api/v1/accounts/{account}/charges', {
    params: { path: { account }, header: { 'Idempotency-Key': 'order-1001' } },
    body: { tokens: 20, feature: 'export' },
  });
  assert.equal(order.data?.balance, 130);
  assert.equal(order.response.headers.get('Idempotency-Replayed'), i === 0 ? null : 'true');
}

const held = await client.POST('/api/v1/accounts/{account}/holds', { params: { path: { account } }, body: { tokens: 100, expires_in: 600 } });
assert.ok(held.data);
const done = await client.POST('/api/v1/accounts/{account}/holds/{hold}/settle', {
  params: { path: { account, hold: held.data.hold.id } },
  body: { tokens: 60 },
});
assert.equal(done.data?.hold.returned, 40);

const refused = await client.POST('/api/v1/accounts/{account}/charges', { params: { path: { account } }, body: { tokens: 1000 } });
assert.equal(refused.error?.code, 'insufficient_tokens');
assert.equal(refused.error?.missing, 930);

const balance = await client.GET('/api/v1/accounts/{account}/balance', { params: { path: { account } } });
console.log(`${balance.data?.balance} tokens left`);
