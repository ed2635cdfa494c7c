// Works on pictures as a person does: guided by an upload, unzoomed, cut out, edited on
// the canvas, and a mesh textured. Each is charged its price.
import assert from 'node:assert/strict';
import { ask, balanceIs, both, complete, enter, look, priceIs, shoot } from './page.mjs';

// A cube, as a mesh that any program writes.
const cube = `v -1 -1 -1\nv 1 -1 -1\nv 1 1 -1\nv -1 1 -1\nv -1 -1 1\nv 1 -1 1\nv 1 1 1\nv -1 1 1
f 1 4 3 2\nf 5 6 7 8\nf 1 2 6 5\nf 2 3 7 6\nf 3 4 8 7\nf 4 1 5 8\n`;

/** The id of the picture whose page is open. */
const shown = (page) => new URL(page.url()).pathname.split('/')[2];

/** Presses a picture's operation, waits for what it makes, and checks what was paid. */
async function operate(page, operation, from, left) {
  await page.getByTestId(`operation-${operation}`).and(page.locator(':enabled')).click();
  await page.waitForFunction((was) => /^\/pictures\//.test(location.pathname) && !location.pathname.includes(was), from);
  await page.getByTestId('picture-large').waitFor();
  await balanceIs(page, left);
  return shown(page);
}

export async function operations({ page, walk, url, axe, artifacts, photo }) {
  let guided;
  let first;
  await walk.step('help with prompts takes nothing', async () => {
    await page.goto(`${url}/sign-up`);
    await enter(page, 'sign-up-form', { name: 'Dora', email: 'dora@example.org', password: 'correct horse battery' });
    await balanceIs(page, 150);
    await page.getByTestId('prompt').fill('mountain lake');
    await page.getByTestId('prompt-improve').click();
    await page.waitForFunction(() => document.querySelector('#prompt').value.length > 'mountain lake'.length);
    await page.getByTestId('prompt-undo').click();
    assert.equal(await page.getByTestId('prompt').inputValue(), 'mountain lake');
    await page.getByTestId('prompt-random').click();
    await page.getByTestId('prompt-undo').waitFor();
    await balanceIs(page, 150);
  });
  await walk.step('an upload guides, two Elements style, Prompt Magic rewrites: 2 tokens', async () => {
    await page.getByTestId('prompt').fill('A mountain lake with a unicorn');
    await page.getByTestId('size-512x512').click();
    await page.getByTestId('reference-add').click();
    await page.getByTestId('picker').waitFor();
    await page.getByTestId('picker-file').setInputFiles(photo);
    await page.getByTestId('reference').waitFor();
    for (const element of ['oil', 'duotone']) {
      await page.getByTestId('element-add').click();
      await page.getByTestId(`element-${element}`).click();
    }
    await page.getByTestId('magic-v2').click();
    await priceIs(page, 2);
    await both(page, 'guided', axe, artifacts);
    await page.getByTestId('generate').click();
    [guided] = await complete(page);
    await balanceIs(page, 148);
    await page.goto(`${url}/pictures/${guided}`);
    await page.getByTestId('operation-unzoom').waitFor();
    const about = await page.locator('main').innerText();
    for (const words of ['did not use: unicorn', 'As Prompt Magic wrote it', 'Oil', 'Duotone', '1 reference']) {
      assert.ok(about.includes(words), `the page does not say "${words}":\n${about}`);
    }
  });
  await walk.step('a second reference needs a plan that has it', async () => {
    const references = [{ picture: guided, kind: 'palette' }, { picture: guided, kind: 'edges' }];
    const { status, body } = await ask(page, 'POST', '/api/v1/jobs', { pipeline: 'default', prompt: 'a lake', references });
    assert.deepEqual([status, body.code], [403, 'plan_required']);
    const foreign = await ask(page, 'POST', '/api/v1/jobs', { operation: 'unzoom', source: { picture: '00000000-0000-0000-0000-000000000000' } });
    assert.deepEqual([foreign.status, foreign.body.errors[0].location], [422, 'body.source']);
    await balanceIs(page, 148);
  });
  await walk.step('a picture painted from words alone: 1 token', async () => {
    await page.goto(url);
    await page.getByTestId('reference').getByRole('button').click();
    for (const element of ['duotone', 'oil']) await page.locator(`[data-element=${element}]`).getByRole('button').click();
    await page.getByTestId('magic-off').click();
    await priceIs(page, 1);
    await page.getByTestId('generate').click();
    await page.waitForFunction(() => document.querySelectorAll('[data-testid=job]').length === 2);
    [first] = await complete(page);
    await balanceIs(page, 147);
    await page.goto(`${url}/pictures/${first}`);
    await page.getByTestId('operation-unzoom').waitFor();
  });
  await walk.step('unzoom: before and after, 5 tokens', async () => {
    await both(page, 'operations', axe, artifacts);
    await operate(page, 'unzoom', first, 142);
    await page.getByTestId('compare-slider').waitFor();
    await both(page, 'unzoomed', axe, artifacts);
  });
  await walk.step('remove background of a painted picture: exact, with its mask, 2 tokens', async () => {
    await page.goto(`${url}/pictures/${first}`);
    await operate(page, 'remove_background', first, 140);
    const mask = await page.getByTestId('file-mask').getAttribute('href');
    const png = await page.evaluate(async (path) => [...new Uint8Array(await (await fetch(path)).arrayBuffer()).subarray(1, 4)], mask);
    assert.equal(String.fromCharCode(...png), 'PNG');
    await page.getByTestId('picture-note').waitFor();
    await both(page, 'cut-out', axe, artifacts);
  });
  await walk.step('a picture comes as JPEG, as WebP, and without its settings', async () => {
    for (const [query, begins] of Object.entries({ 'format=jpeg': '\xff\xd8\xff', 'format=webp': 'RIFF', 'metadata=false': '\x89PNG' })) {
      const raw = await page.evaluate(async (path) => String.fromCharCode(...new Uint8Array(await (await fetch(path)).arrayBuffer())
        .subarray(0, 2000)), `/pictures/${first}.png?${query}`);
      assert.ok(raw.startsWith(begins) && !raw.includes('unicorn'), `${query} gives ${JSON.stringify(raw.slice(0, 12))}`);
    }
  });
  await walk.step('the canvas repaints what is marked: 1 token', async () => {
    await page.goto(`${url}/pictures/${first}`);
    await page.getByTestId('operation-canvas').click();
    const surface = page.getByTestId('canvas-surface');
    await surface.waitFor();
    const box = await surface.boundingBox();
    await page.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.3);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + box.height * 0.4, { steps: 4 });
    await page.mouse.up();
    await page.getByText('A rectangle by numbers').click();
    for (const [key, value] of Object.entries({ x: 200, y: 260, width: 120, height: 90 })) await page.getByTestId(`box-${key}`).fill(String(value));
    await page.getByTestId('box-add').click();
    await page.getByTestId('canvas-prompt').fill('a red sunset over dunes');
    await both(page, 'canvas', axe, artifacts);
    await page.getByTestId('canvas-paint').and(page.locator(':enabled')).click();
    await page.waitForFunction((was) => !location.pathname.includes(was), first);
    await page.getByTestId('picture-large').waitFor();
    await balanceIs(page, 139);
    const same = await page.evaluate(async ([before, after]) => {
      const pixels = async (id) => {
        const image = await createImageBitmap(await (await fetch(`/pictures/${id}.png`)).blob());
        const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
        context.drawImage(image, 0, 0);
        return (x, y) => [...context.getImageData(x, y, 1, 1).data].join();
      };
      const [a, b] = [await pixels(before), await pixels(after)];
      return { outside: [[5, 5], [500, 20], [20, 500], [420, 420]].every(([x, y]) => a(x, y) === b(x, y)), inside: [[230, 300], [260, 300], [290, 320]].every(([x, y]) => a(x, y) === b(x, y)) };
    }, [first, shown(page)]);
    assert.deepEqual(same, { outside: true, inside: false }, 'only what was marked has changed');
  });
  await walk.step('a mesh gets a texture preview that turns: 5 tokens', async () => {
    await page.goto(`${url}/texture`);
    await page.getByTestId('mesh-upload').waitFor();
    await page.getByTestId('mesh-file').setInputFiles({ name: 'cube.obj', mimeType: 'model/obj', buffer: Buffer.from(cube) });
    await page.getByTestId('mesh').waitFor();
    assert.match(await page.getByTestId('operation-texture-reason').innerText(), /Needs Apprentice/);
    await page.getByTestId('operation-texture_preview').and(page.locator(':enabled')).click();
    await page.locator('[data-testid=texture-job][data-status=complete]').waitFor();
    await balanceIs(page, 134);
    const turn = page.getByTestId('turntable').first();
    assert.ok(Number(await turn.getAttribute('data-frames')) >= 4, 'the frames of the turntable');
    const before = await turn.locator('img').getAttribute('src');
    await page.getByTestId('turntable-slider').first().focus();
    await page.keyboard.press('ArrowRight');
    assert.notEqual(await turn.locator('img').getAttribute('src'), before, 'the arrow key turns it');
    await both(page, 'texture', axe, artifacts);
  });
  await walk.step('a deleted picture is gone, with its files', async () => {
    await page.goto(`${url}/pictures/${first}`);
    await page.getByTestId('picture-delete').click();
    await page.getByTestId('picture-delete-confirm').click();
    await page.getByTestId('gallery').waitFor();
    assert.equal((await ask(page, 'GET', `/api/v1/pictures/${first}`)).status, 404);
    assert.equal(await page.locator(`[data-picture="${first}"]`).count(), 0);
    await balanceIs(page, 134);
  });
}
