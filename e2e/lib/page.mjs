// What the walk does with the studio's pages, and what it reads off them.
import assert from 'node:assert/strict';

export const price = (page) => page.locator('[data-testid=price][data-stale=false]');

/** Waits until the page's own price for the settings stands on the button. */
export async function priceIs(page, tokens) {
  await page.waitForFunction((wanted) => {
    const shown = document.querySelector('[data-testid=price]');
    return shown?.dataset.stale === 'false' && shown.firstChild && shown.innerText.replace(/\D/g, '') === wanted;
  }, String(tokens));
}

export async function balanceIs(page, tokens) {
  await page.waitForFunction((wanted) => document.querySelector('[data-testid=balance-value]')?.textContent === wanted, String(tokens));
}

/** Fills one of the entrance's forms and sends it. */
export async function enter(page, form, fields) {
  const at = page.getByTestId(form);
  for (const [name, value] of Object.entries(fields)) {
    if (name !== 'sign_up') await at.locator(`input[name=${name}]`).fill(value);
    else await at.locator(`input[name=sign_up][value=${value}]`).check();
  }
  await at.getByTestId('submit').click();
}

/** Keeps every state of the newest job that the page shows, from now on. */
export async function record(page) {
  await page.evaluate(() => {
    const seen = [];
    globalThis.seenProgress = seen;
    const look = () => {
      const job = document.querySelector('[data-testid=job]');
      const now = {
        status: job?.dataset.status,
        progress: Number(job?.querySelector('[data-testid=job-progress]')?.getAttribute('aria-valuenow') ?? -1),
        pictures: job?.querySelectorAll('[data-testid=picture]').length ?? 0,
      };
      if (JSON.stringify(now) !== JSON.stringify(seen.at(-1))) seen.push(now);
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
  });
}

export const recorded = (page) => page.evaluate(() => globalThis.seenProgress);

/** Waits until the newest job is complete, and gives the ids of its pictures. */
export async function complete(page) {
  await page.locator('[data-testid=job]').first().and(page.locator('[data-status=complete]')).waitFor();
  return page.locator('[data-testid=job]').first().getByTestId('picture').evaluateAll((links) => links.map((link) => link.dataset.picture));
}

/** Decodes a picture that the page shows, and checks that something is on it. */
export async function painted(image, width, height) {
  await image.scrollIntoViewIfNeeded();
  const seen = await image.evaluate(async (img) => {
    await img.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [img.naturalWidth, img.naturalHeight];
    const context = canvas.getContext('2d');
    context.drawImage(img, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const counts = new Map();
    for (let i = 0; i < data.length; i += 4) {
      const colour = (data[i] << 16) | (data[i + 1] << 8) | data[i + 2];
      counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }
    return { width: canvas.width, height: canvas.height, colours: counts.size, most: Math.max(...counts.values()) / (data.length / 4) };
  });
  if (width) assert.deepEqual([seen.width, seen.height], [width, height], 'the size of the picture');
  assert.ok(seen.colours > 1000, `the picture has only ${seen.colours} colours`);
  assert.ok(seen.most < 0.5, `one colour covers ${Math.round(seen.most * 100)} % of the picture`);
  return seen;
}

/** Presses Tab until the element has the focus; a person with a keyboard must get there. */
export async function tabTo(page, selector) {
  for (let presses = 0; presses < 60; presses++) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`60 presses of Tab do not lead to ${selector}`);
}

/** Asks the API as the page does, with its cookie. */
export const ask = (page, method, path, body) =>
  page.evaluate(async ([method, path, body]) => {
    const answer = await fetch(path, { method, ...(body ? { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } } : {}) });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
  }, [method, path, body]);

/**
 * Takes a picture of the page, for people to look at; no check reads it. On a busy machine the
 * browser now and then gives a page no frame to photograph until something wakes it: so the
 * page is brought to the front and asked again, and after three tries the walk goes on without.
 */
export async function shoot(page, path, patience = 20_000) {
  for (let tries = 0; tries < 3; tries++) {
    await page.bringToFront();
    const taken = await page.screenshot({ path, timeout: patience }).catch((error) => {
      if (error.name !== 'TimeoutError') throw error;
    });
    if (taken) return;
  }
  console.error(`the browser gave no picture for ${path} in three times ${patience / 1000} s`);
}

/** Looks at the page in dark and light: contrast and names by axe, and no sideways scrolling. */
export async function look(page, what, axe) {
  const light = {};
  for (const colorScheme of ['dark', 'light']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(() => Promise.all(document.getAnimations().filter((a) => a.effect?.getTiming().iterations !== Infinity).map((a) => a.finished.catch(() => undefined))));
    light[colorScheme] = await page.evaluate(() => {
      const context = document.createElement('canvas').getContext('2d');
      for (const element of [document.documentElement, document.body]) {
        context.fillStyle = getComputedStyle(element).backgroundColor;
        context.fillRect(0, 0, 1, 1);
      }
      return context.getImageData(0, 0, 1, 1).data[1];
    });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wide <= 0, `${what}, ${colorScheme}: the page is ${wide} px wider than its window`);
    await page.evaluate(axe);
    const found = await page.evaluate(() => globalThis.axe.run());
    const serious = found.violations.filter((v) => /serious|critical/.test(v.impact));
    assert.deepEqual(serious.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`), [], `${what}, ${colorScheme}`);
  }
  assert.ok(light.dark < 80 && light.light > 175, `${what}: the ground is ${light.dark} when dark and ${light.light} when light`);
}

const desk = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };

/** Looks at the page on a desk and on a phone. */
export async function both(page, what, axe, artifacts) {
  for (const [device, viewport] of Object.entries({ desk, phone })) {
    await page.setViewportSize(viewport);
    await look(page, `${what} on a ${device}`, axe);
    await shoot(page, `${artifacts}/${what}-${device}.png`);
  }
  await page.setViewportSize(desk);
  await page.emulateMedia({ colorScheme: 'dark' });
}
