// Charges an order once, however often it is sent, and settles a render for what it used.
// Run with FLORIN_URL and FLORIN_KEY, a service key; with a person's in FLORIN_PERSON it also
// puts a picture into a dataset.
import assert from 'node:assert/strict';
import { florin, verifyWebhook } from './index.js';

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

// A webhook of the installation tells when the account's balance falls below a mark.
const hook = await client.POST('/api/v1/admin/webhooks', { body: { url: 'https://1.1.1.1/florin', events: ['balance.below'], balance_below: 100 } });
assert.match(hook.data?.secret ?? '', /^whsec_/, JSON.stringify(hook.error));
await client.DELETE('/api/v1/admin/webhooks/{id}', { params: { path: { id: hook.data?.id ?? '' } } });

// The receiver verifies what comes in; these are the values that Standard Webhooks publishes.
const headers = new Headers({
  'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek', 'webhook-timestamp': '1614265330',
  'webhook-signature': 'v1,nonsense v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
});
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', then = new Date(1614265330_000);
assert.equal((await verifyWebhook(headers, '{"test": 2432232314}', secret, then)).id, 'msg_p5jXN8AQM9LWM0D4loKWxJek');
await assert.rejects(verifyWebhook(headers, '{"test": 2432232315}', secret, then), /no signature/);
await assert.rejects(verifyWebhook(headers, '{"test": 2432232314}', secret), /too old/);

if (process.env['FLORIN_PERSON']) await collect(process.env['FLORIN_PERSON']);

/** Puts a picture into a dataset, as the body of the request, and takes all away again. */
async function collect(key: string): Promise<void> {
  const person = florin({ url: process.env['FLORIN_URL'] ?? 'http://127.0.0.1:8080', key });
  const made = await person.POST('/api/v1/datasets', { body: { name: 'dots' } });
  assert.ok(made.data, JSON.stringify(made.error));
  const path = { id: made.data.id };
  const dot = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
  const added = await person.POST('/api/v1/datasets/{id}/images', {
    params: { path, query: { name: 'dot.png' } },
    headers: { 'Content-Type': 'application/octet-stream' },
    body: '', // the document calls bytes a string
    bodySerializer: () => dot,
  });
  assert.equal(added.data?.width, 1, JSON.stringify(added.error));
  const images = await person.GET('/api/v1/datasets/{id}/images', { params: { path } });
  assert.deepEqual(images.data?.images?.map((image) => image.id), [added.data?.id]);
  await person.DELETE('/api/v1/datasets/{id}', { params: { path } });
  assert.equal((await person.GET('/api/v1/datasets/{id}', { params: { path } })).error?.code, 'not_found');
}

const balance = await client.GET('/api/v1/accounts/{account}/balance', { params: { path: { account } } });
console.log(`${balance.data?.balance} tokens left`);
