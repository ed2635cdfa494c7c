// A job that was cancelled costs nothing, and is asked for again as a new one, whose price is known before.
import assert from 'node:assert/strict';
import { ask, balanceIs, both, complete, enter, priceIs } from './page.mjs';

export async function retries({ page, walk, url, axe, artifacts }) {
  const newest = page.getByTestId('job').first();
  let cancelled;
  await walk.step('a job that is cancelled at once costs nothing and offers a retry with its price', async () => {
    await page.goto(`${url}/sign-up`);
    await enter(page, 'sign-up-form', { name: 'Rita', email: 'rita@example.org', password: 'correct horse battery' });
    await balanceIs(page, 150);
    await page.getByTestId('prompt').fill('A walled garden in the rain');
    await page.getByTestId('size-1024x1024').click();
    await page.getByTestId('images-2').click();
    await priceIs(page, 3);
    await page.getByTestId('generate').click();
    await page.getByTestId('job-cancel').click();
    await newest.and(page.locator('[data-status=cancelled]')).waitFor();
    cancelled = await newest.getAttribute('data-job');
    const { body: job } = await ask(page, 'GET', `/api/v1/jobs/${cancelled}`);
    await balanceIs(page, 150 - job.settled);
    const { body: quote } = await ask(page, 'GET', `/api/v1/jobs/${cancelled}/retry`);
    const button = page.getByTestId('job-retry').and(page.locator(':enabled'));
    await button.waitFor();
    assert.match(await button.innerText(), new RegExp(`^Retry.*${quote.tokens}`, 's'));
    await both(page, 'cancelled', axe, artifacts);
  });
  await walk.step('the retry is a new job with a hold of its own, and is painted', async () => {
    const { body: before } = await ask(page, 'GET', '/api/v1/balance');
    const { body: quote } = await ask(page, 'GET', `/api/v1/jobs/${cancelled}/retry`);
    await page.getByTestId('job-retry').click();
    await page.waitForFunction((was) => document.querySelector('[data-testid=job]')?.dataset.job !== was, cancelled);
    const pictures = await complete(page);
    await balanceIs(page, before.balance - quote.tokens);
    const { jobs } = (await ask(page, 'GET', '/api/v1/jobs')).body;
    assert.deepEqual(jobs.map((job) => job.status), ['complete', 'cancelled']);
    assert.equal(pictures.length + jobs[1].pictures.length, 2, 'what was not made before is made now');
    assert.equal(await page.getByTestId('job-retry').count(), 1, 'what is complete is not retried');
  });
}
