// Fills a studio with pictures that show what it can do, and takes the README's picture of it.
import { balanceIs, complete, enter, priceIs, shoot } from './page.mjs';

// Oldest first: the last one stands on top. The seeds make the picture the same each time.
const works = [
  { prompt: 'Autumn forest, golden light', size: '512x512', images: 4, seed: 301 },
  { prompt: 'A neon city at night in the rain, reflections on the water', size: '768x768', images: 2, seed: 42 },
];

export async function exhibit(page, url, path) {
  await page.goto(`${url}/sign-up`);
  await enter(page, 'sign-up-form', { name: 'Clara', email: 'clara@example.org', password: 'correct horse battery' });
  await balanceIs(page, 150);
  for (const [i, work] of works.entries()) {
    await page.getByTestId('prompt').fill(work.prompt);
    await page.getByTestId(`size-${work.size}`).click();
    await page.getByTestId(`images-${work.images}`).click();
    await page.getByTestId('seed').fill(String(work.seed));
    await priceIs(page, work.images);
    await page.getByTestId('generate').click();
    await page.waitForFunction((n) => document.querySelectorAll('[data-testid=job]').length === n, i + 1);
    await complete(page);
  }
  await page.mouse.move(720, 899);
  await page.evaluate(() => Promise.all([...document.images].map((image) => image.decode())));
  await page.evaluate(() => document.activeElement?.blur());
  await page.waitForFunction(() => document.getAnimations().every((a) => a.playState === 'finished' || a.effect?.getTiming().iterations === Infinity));
  await shoot(page, path);
}
