// Walks the built pages in headless Chromium over the mock: pictures of every page into
// .shots/ and axe's findings on the console. node dev/look.mjs [name …] does only those.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { serve } from './serve.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const shots = fileURLToPath(new URL('../.shots', import.meta.url));
const only = process.argv.slice(2);
const sizes = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

async function make(page, images, prompt, options = {}) {
  if (prompt) await page.getByTestId('prompt').fill(prompt);
  await page.getByTestId(`images-${images}`).click();
  if (options.size) await page.getByTestId(`size-${options.size}`).click();
  await page.waitForFunction(() => document.querySelector('[data-testid=price]')?.dataset.stale === 'false');
  const had = await page.getByTestId('job').count();
  await page.getByTestId('generate').click();
  await page.waitForFunction((n) => document.querySelectorAll('[data-testid=job]').length > n, had);
  if (options.until) await page.locator(options.until).first().waitFor();
  else await page.waitForFunction(() => !document.querySelector('[data-testid=job-progress]'));
  await page.waitForFunction(() => [...document.images].every((image) => image.complete));
}

async function several(page) {
  await make(page, 1, 'Desert dunes under a huge pale moon, long blue shadows', { size: '1024x576' });
  await make(page, 4, 'Snow-covered peaks above a sea of clouds, first light of the morning', { size: '832x624' });
  await make(page, 1, 'A quiet harbour at dusk, lanterns reflected in still water', { size: '624x832' });
  await make(page, 2, 'A misty mountain lake at sunrise, pine forest on the far shore', { size: '768x768' });
}

async function keyhooks(page) {
  const off = { webhook_disabled_at: new Date(Date.now() - 3 * 86_400_000).toISOString(), webhook_reason: 'nothing arrived for 5 days; last: it answered 503' };
  for (const [name, host, newHook] of [['Poster script', 'posters.example', {}], ['Class robot', 'a-very-long-name-of-a-school.robots.class.example', off]]) {
    await page.evaluate((body) => fetch('/api/v1/mock', { method: 'POST', body: JSON.stringify(body) }), { newHook });
    await page.getByTestId('key-name').fill(name);
    await page.getByTestId('key-hook').fill(`https://${host}/done`);
    await page.getByTestId('key-secret').fill('s3cret');
    await page.getByTestId('key-create').click();
    await page.getByTestId('key-webhook').filter({ hasText: host }).waitFor();
  }
  await page.getByTestId('key-name').fill('Inside');
  await page.getByTestId('key-hook').fill('https://127.0.0.1/hook');
  await page.getByTestId('key-create').click();
  await page.getByText('belongs to public addresses only').waitFor();
  await page.evaluate(() => scrollTo(0, 0)); // or the header stands in the middle of the picture
}

const scenes = {
  first: { options: { signedIn: true }, walk: (page) => page.getByTestId('price').locator('svg').waitFor() },
  four: { options: { signedIn: true }, walk: async (page) => { await page.getByTestId('images-4').click(); await page.waitForTimeout(400); } },
  done: { options: { signedIn: true, pace: 8 }, walk: (page) => make(page, 1) },
  feed: { options: { signedIn: true, pace: 3, unlimited: true }, walk: several },
  progress: { options: { signedIn: true, pace: 130 }, walk: (page) => make(page, 4, '', { until: '[data-testid=picture]' }) },
  short: { options: { signedIn: true, balance: 2 }, walk: async (page) => { await page.getByTestId('images-8').click(); await page.getByTestId('shortfall').waitFor(); } },
  plan: { options: { signedIn: true }, walk: async (page) => { await page.getByTestId('pipeline').click(); await page.getByTestId('pipeline-alchemy_v2').click(); await page.getByTestId('plan-required').waitFor(); await page.waitForTimeout(250); } },
  select: { options: { signedIn: true, plan: 'apprentice', balance: 8500 }, walk: async (page) => { await page.getByTestId('pipeline').click(); await page.waitForTimeout(500); } },
  balance: { options: { signedIn: true, balance: 400 }, walk: async (page) => { await page.getByTestId('balance').click(); await page.getByTestId('balance-detail').waitFor(); await page.waitForTimeout(250); } },
  help: { options: { signedIn: true }, walk: async (page) => { await page.getByLabel('About size').click(); await page.waitForTimeout(600); } },
  price: { options: { signedIn: true }, walk: async (page) => { await page.getByTestId('price-lines-open').click(); await page.waitForTimeout(400); } },
  errors: { options: { signedIn: true }, walk: async (page) => { await page.getByTestId('size-custom').click(); await page.getByTestId('width').fill('700'); await page.getByTestId('prompt').fill(''); await page.getByTestId('generate').click(); } },
  refused: { options: { signedIn: true }, walk: async (page) => { await page.getByTestId('prompt').fill('A forbidden lake'); await page.waitForTimeout(300); await page.getByTestId('generate').click(); await page.getByTestId('prompt-error').waitFor(); } },
  failed: { options: { signedIn: true, pace: 8 }, walk: async (page) => { await page.evaluate(() => fetch('/api/v1/mock', { method: 'POST', body: '{"failNext":true}' })); await make(page, 1); } },
  palette: { options: { signedIn: true }, walk: async (page) => { await page.getByTestId('price').locator('svg').waitFor(); await page.keyboard.press('Control+k'); await page.getByTestId('palette').waitFor(); await page.waitForTimeout(300); } },
  gallery: { options: { signedIn: true, pace: 3, unlimited: true }, walk: async (page) => { await several(page); await page.getByRole('link', { name: 'Gallery', exact: true }).click(); await page.getByTestId('gallery').waitFor(); await page.waitForLoadState('networkidle'); } },
  nothing: { path: '/gallery', options: { signedIn: true }, walk: (page) => page.getByTestId('empty').waitFor() },
  detail: { options: { signedIn: true, pace: 8 }, walk: async (page) => { await make(page, 2, '', { size: '832x624' }); await page.getByTestId('picture').first().click(); await page.getByTestId('use-settings').waitFor(); await page.waitForLoadState('networkidle'); await page.waitForTimeout(300); } },
  keys: { path: '/settings/keys', options: { signedIn: true }, walk: async (page) => { await page.getByTestId('key-daily').fill('a few'); await page.getByTestId('key-create').click(); await page.getByText('A whole number of tokens').waitFor(); for (const name of ['Poster script', 'Class robot']) { await page.getByTestId('key-name').fill(name); await page.getByTestId('key-daily').fill('100'); await page.getByTestId('key-total').fill('2500'); await page.getByTestId('key-until').fill('2099-12-31'); await page.getByTestId('key-scope-generate').uncheck(); await page.getByTestId('key-create').click(); await page.getByText(name, { exact: true }).first().waitFor(); } await page.waitForTimeout(200); } },
  keyhooks: { path: '/settings/keys', options: { signedIn: true }, whole: true, walk: keyhooks },
  webhooks: { path: '/settings/webhooks', options: { signedIn: true }, walk: async (page) => { await page.getByTestId('hook-url').fill('https://shop.example/florin'); await page.getByTestId('hook-create').click(); await page.getByTestId('webhook').waitFor(); await page.getByTestId('hook-log').click(); await page.waitForTimeout(200); } },
  account: { options: { signedIn: true }, walk: async (page) => { await page.getByTestId('account').click(); await page.waitForTimeout(250); } },
  signin: { path: '/sign-in', options: {}, walk: (page) => page.getByTestId('sign-in-form').waitFor() },
  signup: { path: '/sign-up', options: {}, walk: async (page) => { await page.getByTestId('sign-up-form').waitFor(); await page.getByTestId('submit').click(); } },
  setup: { path: '/setup?code=abc', options: { setup: true }, walk: (page) => page.getByTestId('setup-form').waitFor() },
  lost: { path: '/nowhere', options: { signedIn: true, virtual: true }, walk: (page) => page.getByText('Nothing hangs here').waitFor() },
};

mkdirSync(shots, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags });
let bad = 0;
for (const [name, scene] of Object.entries(scenes)) {
  if (only.length > 0 && !only.includes(name)) continue;
  for (const [device, viewport] of Object.entries(sizes)) {
    const server = await serve(scene.options);
    const context = await browser.newContext({ viewport, colorScheme: 'dark', hasTouch: device === 'phone', isMobile: device === 'phone', bypassCSP: true });
    const page = await context.newPage();
    const said = [];
    const small = [];
    page.on('console', (message) => message.type() === 'error' && !/status of 40[0-9]|status of 422/.test(message.text()) && said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    try {
      await page.goto(`http://127.0.0.1:${server.address().port}${scene.path ?? '/'}`);
      await scene.walk(page);
    } catch (error) {
      said.push(String(error).split('\n').slice(0, 3).join(' '));
    }
    await page.evaluate(axe);
    for (const colorScheme of ['dark', 'light']) {
      await page.emulateMedia({ colorScheme });
      await page.waitForTimeout(260);
      await page.screenshot({ path: `${shots}/${name}-${device}-${colorScheme}.png`, fullPage: scene.whole });
      const found = await page.evaluate(() => globalThis.axe.run());
      for (const v of found.violations) (/serious|critical/.test(v.impact) ? said : small).push(`axe ${colorScheme} ${v.impact} ${v.id}: ${v.nodes.map((n) => `${n.target} ${n.any[0]?.message ?? ''}`).slice(0, 3).join(' | ')}`);
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 0) said.push(`the page is ${wide} px wider than the window`);
    for (const line of said) console.log(`${name} ${device}: ${line}`);
    for (const line of small) console.log(`(${name} ${device}: ${line})`);
    bad += said.length;
    await context.close();
    server.closeAllConnections();
    server.close();
  }
}
await browser.close();
console.log(bad === 0 ? 'nothing to complain about' : `${bad} findings`);
process.exitCode = bad === 0 ? 0 : 1;
