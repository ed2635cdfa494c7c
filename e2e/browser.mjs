// The browser test: the whole way from the first visit to a paid picture, in headless
// Chromium on the built program.
//
//   node e2e/browser.mjs           (make e2e)
//   E2E_VERBOSE=1                  tells each step with its time
//   UPDATE_SCREENSHOT=1            also writes docs/screenshot.png; without it the tree stays clean
//   E2E_ARTIFACTS=FOLDER           where pictures of the pages go; a fresh temporary folder by default
//   CHROMIUM=FILE, FLORIN_BIN=FILE another browser, another program
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command, root, Server } from './lib/server.mjs';
import { Walk } from './lib/walk.mjs';
import { ask, balanceIs, complete, enter, look, painted, priceIs, record, recorded, shoot, tabTo } from './lib/page.mjs';
import { exhibit } from './lib/exhibit.mjs';
import { operations } from './lib/operations.mjs';
import { retries } from './lib/retry.mjs';

const need = createRequire(`${root}web/package.json`);
const { chromium } = need('playwright-core');
const axe = readFileSync(need.resolve('axe-core/axe.min.js'), 'utf8');
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--disable-dev-shm-usage'];
const programs = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable'];
const patience = 60_000;

const home = mkdtempSync(join(tmpdir(), 'florin-browser-'));
const artifacts = process.env.E2E_ARTIFACTS ?? mkdtempSync(join(tmpdir(), 'florin-pages-'));
const walk = new Walk(artifacts);
const data = join(home, 'data');
const catalog = join(home, 'prices.yaml');
const password = 'correct horse battery';
let server;
let browser;

/** The shipped price list, with its daily reset half a day away so that none falls into the test. */
function prices(perImage = 1) {
  const hour = (new Date().getUTCHours() + 12) % 24;
  const shipped = command('catalog', 'print').split('\nexamples:')[0];
  const text = shipped
    .replace('daily_reset: "00:00"', `daily_reset: "${String(hour).padStart(2, '0')}:30"`)
    .replace('tokens: {1: 1, 4: 4}', `tokens: {1: ${perImage}, 4: ${4 * perImage}}`);
  writeFileSync(catalog, `${text}\n`);
}

async function visit(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark', ...options });
  context.setDefaultTimeout(patience);
  // axe is put into the page by its debugger, which the studio's content policy does not bind.
  return walk.watch(await context.newPage());
}

async function administrator() {
  const page = await visit();
  await walk.step('a fresh studio asks for the link from the log', async () => {
    await page.goto(server.url);
    await page.getByRole('heading', { name: 'Open the link from the log' }).waitFor();
  });
  await walk.step('the one-time link lets the first administrator in', async () => {
    await page.goto(server.setupURL);
    await look(page, 'set-up', axe);
    await enter(page, 'setup-form', { name: 'Ada', email: 'ada@example.org', password, sign_up: 'open' });
    await page.getByTestId('generate').waitFor();
    const { body } = await ask(page, 'GET', '/api/v1/me');
    assert.equal((body.me ?? body).admin, true, 'the first person is the administrator');
  });
  await walk.step('the link works once', async () => {
    const other = await visit();
    await other.goto(server.setupURL);
    await other.getByRole('heading', { name: 'The studio is set up already' }).waitFor();
    const code = new URL(server.setupURL).searchParams.get('code');
    const again = await ask(other, 'POST', '/api/v1/setup', { code, name: 'Eve', email: 'eve@example.org', password, sign_up: 'open' });
    assert.equal(again.status, 403);
    await other.context().close();
  });
  await walk.step('signing out ends the session', async () => {
    await page.getByTestId('account').click();
    await page.getByTestId('sign-out').click();
    await page.getByTestId('sign-in-form').waitFor();
    assert.equal((await ask(page, 'GET', '/api/v1/me')).status, 401);
    await look(page, 'sign-in', axe);
  });
  await page.context().close();
}

async function newcomer() {
  const page = await visit({ acceptDownloads: true });
  await walk.step('the sign-up form says at each field what is wrong', async () => {
    await page.goto(`${server.url}/sign-up`);
    await page.getByTestId('sign-up-form').getByTestId('submit').click();
    for (const field of ['name', 'email', 'password']) {
      assert.notEqual(await page.locator(`#${field}-error`).innerText(), '', field);
    }
    await look(page, 'sign-up with errors', axe);
    await enter(page, 'sign-up-form', { name: 'Ben', email: 'ben@example.org', password: 'short' });
    await page.locator('#password-error', { hasText: '8' }).waitFor();
  });
  await walk.step('who signs up has 150 tokens, top left', async () => {
    await enter(page, 'sign-up-form', { password });
    await balanceIs(page, 150);
    const box = await page.getByTestId('balance').boundingBox();
    assert.ok(box.x < 60 && box.y < 60, `the balance is at ${box.x}, ${box.y}`);
  });
  await walk.step('the balance counts down to the next reset', async () => {
    await page.getByTestId('balance').hover();
    const clock = page.getByTestId('reset-countdown');
    await clock.waitFor();
    const first = await clock.innerText();
    assert.match(first, /^\d\d:\d\d:\d\d$/);
    await page.waitForFunction((then) => document.querySelector('[data-testid=reset-countdown]')?.textContent !== then, first);
    const [hours, minutes, seconds] = (await clock.innerText()).split(':').map(Number);
    const { body } = await ask(page, 'GET', '/api/v1/balance');
    const left = (Date.parse(body.next_reset) - Date.parse(body.now)) / 1000;
    assert.ok(Math.abs(hours * 3600 + minutes * 60 + seconds - left) < 30, `${hours}:${minutes}:${seconds} is not ${left} s`);
    await page.mouse.move(900, 500);
    await page.getByTestId('balance-detail').waitFor({ state: 'hidden' });
  });
  return page;
}

async function settings(page) {
  await walk.step('the price on the button is the server\'s, for 1 and 4 images and other sizes', async () => {
    await priceIs(page, 1);
    await page.getByTestId('images-4').click();
    await priceIs(page, 4);
    await page.getByTestId('size-1024x1024').click();
    const { body } = await ask(page, 'POST', '/api/v1/quotes', { pipeline: 'default', images: 4, width: 1024, height: 1024 });
    assert.equal(body.tokens, 6);
    await priceIs(page, body.tokens);
    await page.getByTestId('images-1').click();
    await priceIs(page, 2);
    await page.getByTestId('size-768x768').click();
    await priceIs(page, 1);
  });
  await walk.step('wrong input is told at its field and makes no job', async () => {
    await page.getByTestId('size-custom').click();
    await page.getByTestId('width').fill('700');
    await page.getByTestId('width-error').waitFor();
    await page.getByTestId('seed').fill('many');
    await page.getByTestId('seed-error').waitFor();
    await page.getByTestId('prompt').fill('');
    await page.getByTestId('generate').click();
    await page.getByTestId('prompt-error').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'prompt', 'the focus goes to the first wrong field');
    await look(page, 'studio with errors', axe);
    await page.getByTestId('size-768x768').click();
    await page.getByTestId('seed-clear').click();
    assert.equal(await page.getByTestId('job').count(), 0);
  });
  await walk.step('a pipeline beyond the plan names the plan', async () => {
    await page.getByTestId('pipeline').click();
    await page.getByTestId('pipeline-alchemy_v2').click();
    const note = await page.getByTestId('plan-required').innerText();
    assert.match(note, /Apprentice/);
    assert.match(note, /\$12 a month/);
    await page.getByTestId('pipeline').click();
    await page.getByTestId('pipeline-default').click();
    await priceIs(page, 1);
  });
}

async function generate(page) {
  let first;
  await walk.step('one picture: progress, pixels, 149 tokens', async () => {
    await page.getByTestId('prompt').fill('A misty mountain lake at sunrise, pine forest on the far shore');
    await page.getByTestId('negative-prompt').fill('people');
    await page.getByTestId('seed').fill('42');
    await priceIs(page, 1);
    await record(page);
    await page.getByTestId('generate').click();
    [first] = await complete(page);
    const seen = await recorded(page);
    const between = new Set(seen.filter((s) => s.status === 'running' && s.progress > 0 && s.progress < 100).map((s) => s.progress));
    assert.ok(between.size >= 3, `progress was seen at ${[...between]}`);
    await painted(page.locator(`[data-picture="${first}"] img`), 768, 768);
    await balanceIs(page, 149);
  });
  await walk.step('with the keyboard alone: two pictures, each shown as it is finished', async () => {
    await page.locator('#main').focus();
    await tabTo(page, '#prompt');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('A lonely lighthouse on a rocky coast, stormy sea');
    await tabTo(page, 'input[name=size]:checked');
    await page.keyboard.press('ArrowRight'); // Small square
    await tabTo(page, 'input[name=images]:checked');
    await page.keyboard.press('ArrowRight');
    await tabTo(page, '#seed');
    await page.keyboard.press('Control+A');
    await page.keyboard.press('Delete');
    await priceIs(page, 2);
    await record(page);
    await page.keyboard.press('Control+Enter');
    await page.waitForFunction(() => document.querySelectorAll('[data-testid=job]').length === 2);
    const pictures = await complete(page);
    assert.equal(pictures.length, 2);
    const seen = await recorded(page);
    assert.ok(seen.some((s) => s.status === 'running' && s.pictures === 1), 'the first picture was not shown before the second was finished');
    for (const id of pictures) await painted(page.locator(`[data-picture="${id}"] img`), 512, 512);
    await balanceIs(page, 147);
  });
  return first;
}

async function gallery(page, first) {
  await walk.step('the gallery shows every picture', async () => {
    await page.getByRole('link', { name: 'Gallery', exact: true }).click();
    const images = page.getByTestId('gallery').locator('img');
    await images.nth(2).waitFor();
    assert.equal(await images.count(), 3);
    for (const image of await images.all()) await painted(image);
  });
  await walk.step('the detail tells what made a picture, and downloads it', async () => {
    await page.locator(`[data-picture="${first}"]`).first().click();
    await page.getByTestId('use-settings').waitFor();
    const about = await page.locator('main').innerText();
    for (const words of ['A misty mountain lake at sunrise', 'people', '42', '768 × 768', 'Default image', '1 token', 'no AI model']) {
      assert.ok(about.includes(words), `the detail does not say "${words}":\n${about}`);
    }
    await painted(page.getByTestId('picture-large'), 768, 768);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('download').click()]);
    assert.match(download.suggestedFilename(), /^florin-.*\.png$/);
    const png = readFileSync(await download.path());
    assert.equal(png.subarray(0, 8).toString('latin1'), '\x89PNG\r\n\x1a\n');
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [768, 768]);
    assert.ok(png.includes('A misty mountain lake at sunrise'), 'the file carries its prompt');
    await page.getByTestId('use-settings').click();
    await page.waitForFunction(() => document.querySelector('[data-testid=seed]')?.value === '42');
  });
  await walk.step('a key made on the page lets a program in', async () => {
    await page.goto(`${server.url}/settings/keys`);
    await page.getByTestId('key-name').fill('Poster script');
    await page.getByTestId('key-create').click();
    const key = (await page.getByTestId('key-value').innerText()).trim();
    const answer = await fetch(`${server.url}/api/v1/balance`, { headers: { Authorization: `Bearer ${key}` } });
    assert.equal((await answer.json()).balance, 147);
    assert.match(await page.getByTestId('key-bounds').first().innerText(), /^read, generate$/);
  });
  await walk.step('a key made with bounds keeps to them', async () => {
    const asks = (key, path, body) => fetch(server.url + path, { method: body ? 'POST' : 'GET', headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' }, body }).then((answer) => answer.status);
    const make = async (fill) => {
      await page.getByTestId('key-name').fill('Bounded');
      await fill();
      await page.getByTestId('key-create').click();
      await page.getByTestId('key-made').getByText('Bounded').waitFor();
      return (await page.getByTestId('key-value').innerText()).trim();
    };
    await page.getByTestId('key-name').fill('Bounded');
    await page.getByTestId('key-total').fill('1.5');
    await page.getByTestId('key-create').click();
    await page.getByText('A whole number of tokens from 1').waitFor();
    const bounded = await make(async () => { await page.getByTestId('key-total').fill('1'); await page.getByTestId('key-until').fill('2099-12-31'); });
    await page.getByTestId('key-bounds').filter({ hasText: 'of 1 tokens in all' }).filter({ hasText: 'until' }).waitFor();
    const job = JSON.stringify({ pipeline: 'default', prompt: 'a lake', width: 64, height: 64, images: 2 });
    assert.equal(await asks(bounded, '/api/v1/jobs', job), 402);
    await page.reload();
    const reading = await make(() => page.getByTestId('key-scope-generate').uncheck());
    assert.deepEqual([await asks(reading, '/api/v1/balance'), await asks(reading, '/api/v1/jobs', job)], [200, 403]);
    await page.getByTestId('key-secret').fill('s3cret');
    await page.getByTestId('key-hook').fill('https://127.0.0.1/hook');
    await page.getByTestId('key-name').fill('Bounded');
    await page.getByTestId('key-create').click();
    await page.locator('#key-hook-error').getByText('belongs to public addresses only').waitFor();
    await make(() => page.getByTestId('key-hook').fill('https://1.1.1.1/hook'));
    assert.equal(await page.getByTestId('key-webhook').innerText(), 'Tells 1.1.1.1 · Deliveries');
    const told = (await ask(page, 'GET', '/api/v1/keys')).body.keys.filter((key) => key.webhook_url);
    assert.deepEqual(told.map((key) => [key.webhook_url, key.webhook_secret]), [['https://1.1.1.1/hook', '••••••••']]);
    await look(page, 'a key with a webhook', axe);
    const { webhooks: [hook] } = (await ask(page, 'GET', '/api/v1/webhooks')).body;
    assert.equal((await ask(page, 'PATCH', `/api/v1/webhooks/${hook.id}`, { enabled: false })).status, 200);
    const used = page.getByTestId('key').filter({ hasText: 'used' });
    await page.reload();
    await used.first().waitFor();
    assert.match(await page.getByTestId('key-webhook').innerText(), /^Tells 1\.1\.1\.1: off since \d\d:\d\d.* · Deliveries$/);
    await page.getByTestId('key-deliveries').click(); // which leads to the webhook of that key, with its log open
    await page.locator(`#hook-${hook.id}`).getByTestId('hook-log').and(page.locator('[aria-expanded=true]')).waitFor();
    assert.equal(await page.getByTestId('webhook').count(), 1);
    assert.equal(await page.getByTestId('hook-delete').count(), 0);
    await page.goBack();
    await page.getByTestId('key-webhooks').click();
    await page.getByTestId('webhook-form').waitFor();
    assert.equal(await page.getByTestId('hook-log').getAttribute('aria-expanded'), 'false');
    assert.equal((await ask(page, 'DELETE', `/api/v1/keys/${told[0].id}`)).status, 204);
  });
  await walk.step('a webhook is made, refused inside, disabled, enabled and removed', async () => {
    await page.goto(`${server.url}/settings/webhooks`);
    await page.getByTestId('hook-url').fill('https://127.0.0.1/hook');
    await page.getByTestId('hook-create').click();
    await page.getByText('belongs to public addresses only').waitFor();
    await page.getByTestId('hook-url').fill('https://1.1.1.1/hook');
    await page.getByTestId('hook-create').click();
    assert.match(await page.getByTestId('hook-secret').innerText(), /^whsec_[\w+/]{43}=$/);
    const { webhooks: [hook] } = (await ask(page, 'GET', '/api/v1/webhooks')).body;
    assert.equal((await ask(page, 'PATCH', `/api/v1/webhooks/${hook.id}`, { enabled: false })).status, 200);
    await page.reload();
    await page.getByTestId('hook-disabled').waitFor();
    await look(page, 'a disabled webhook', axe);
    await page.getByTestId('hook-enable').click();
    await page.getByTestId('hook-disabled').waitFor({ state: 'detached' });
    await page.getByTestId('hook-delete').click();
    await page.getByTestId('hook-delete-confirm').click();
    await page.getByTestId('webhook').waitFor({ state: 'detached' });
  });
}

async function tooExpensive(page) {
  await walk.step('too expensive: what is missing, when tokens come, and no job', async () => {
    prices(60);
    server.signal('SIGHUP');
    await server.says('the catalog was read again');
    await page.goto(server.url);
    await page.getByTestId('images-4').click();
    const note = page.getByTestId('shortfall');
    await note.waitFor();
    const text = await note.innerText();
    assert.match(text, /costs 240 tokens and you have 147: 93 missing/);
    assert.match(text, /3 tokens \(daily\) come in (1[12] h|12 h)|150 tokens \(daily\) come in 1[12] h/);
    assert.match(text, /Apprentice: 8,500 tokens a month, \$12 a month/);
    const button = page.getByTestId('generate');
    assert.match(await button.innerText(), /93 more tokens needed/);
    assert.match(await page.getByTestId('next-countdown').innerText(), /^in \d\d:\d\d:\d\d$/);
    await shoot(page, `${artifacts}/too-expensive.png`);
    await look(page, 'too expensive', axe);
    await page.keyboard.press('Control+Enter');
    await button.click({ force: true }); // it says that it is disabled
    const refused = await ask(page, 'POST', '/api/v1/jobs', { pipeline: 'default', prompt: 'a lake', width: 768, height: 768, images: 4 });
    assert.equal(refused.status, 402);
    assert.deepEqual([refused.body.code, refused.body.price, refused.body.balance, refused.body.missing], ['insufficient_tokens', 240, 147, 93]);
    assert.ok(Date.parse(refused.body.next.at) > Date.now(), 'the refusal tells when tokens come');
    assert.equal((await ask(page, 'GET', '/api/v1/jobs')).body.jobs.length, 2);
    await page.getByTestId('images-1').click();
    await priceIs(page, 60);
    prices();
    server.signal('SIGHUP');
  });
}

async function everyPage(page, first) {
  const rooms = { studio: ['/', 'generate'], gallery: ['/gallery', 'gallery'], detail: [`/pictures/${first}`, 'use-settings'], keys: ['/settings/keys', 'key-form'], webhooks: ['/settings/webhooks', 'webhook-form'] };
  for (const [device, viewport] of Object.entries({ desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } })) {
    await page.setViewportSize(viewport);
    for (const [room, [path, sign]] of Object.entries(rooms)) {
      await walk.step(`${room} on a ${device}: dark, light, axe, width`, async () => {
        await page.goto(server.url + path);
        await page.getByTestId(sign).waitFor();
        await page.waitForFunction(() => [...document.images].every((image) => image.complete));
        await look(page, `${room} on a ${device}`, axe);
        await shoot(page, `${artifacts}/${room}-${device}.png`);
      });
    }
  }
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 1440, height: 900 });
}

async function restart(page, first) {
  await walk.step('after a restart picture, balance and session are still there', async () => {
    await page.goto(server.url);
    await balanceIs(page, 147);
    assert.equal(await server.stop(), 0, 'the exit code of the server');
    await page.getByTestId('line-down').waitFor();
    server = await Server.start({ data, catalog, listen: new URL(server.url).host });
    assert.equal(server.setupURL, undefined, 'there is no link any more');
    await page.getByTestId('line-down').waitFor({ state: 'hidden' }); // the open page finds back by itself
    await page.reload();
    await balanceIs(page, 147);
    await painted(page.locator(`[data-picture="${first}"] img`), 768, 768);
    assert.equal(await page.getByTestId('job').count(), 2);
    const told = JSON.parse(command('balance', '--data', data, '--user', 'ben@example.org', '--json'));
    assert.deepEqual([told.balance, told.held], [147, 0]);
  });
}

async function run() {
  const executablePath = programs.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error('no Chromium found; name one with CHROMIUM=FILE');
  prices();
  server = await Server.start({ data, catalog });
  browser = await chromium.launch({ executablePath, args: flags });
  await administrator();
  const page = await newcomer();
  await settings(page);
  const first = await generate(page);
  await gallery(page, first);
  const worker = await visit();
  await operations({ page: worker, walk, url: server.url, axe, artifacts, photo: `${root}docs/screenshot.png` });
  await worker.context().close();
  const patient = await visit();
  await retries({ page: patient, walk, url: server.url, axe, artifacts });
  await patient.context().close();
  walk.page = page;
  await tooExpensive(page);
  await everyPage(page, first);
  await restart(page, first);
  await page.context().close();
  await walk.step('the picture of the README', async () => {
    const shot = `${artifacts}/screenshot.png`;
    await exhibit(await visit({ deviceScaleFactor: 1 }), server.url, shot);
    if (process.env.UPDATE_SCREENSHOT) copyFileSync(shot, `${root}docs/screenshot.png`);
  });
}

let code = 0;
try {
  await run();
  console.log(`browser test: ${walk.steps} steps in ${walk.seconds} s`);
} catch (error) {
  code = 1;
  await walk.failed(error, server?.said);
}
await browser?.close();
await server?.stop();
rmSync(home, { recursive: true, force: true });
if (code === 0 && !process.env.E2E_ARTIFACTS) rmSync(artifacts, { recursive: true, force: true });
process.exitCode = code;
