// Drives a running Florin with the official TypeScript SDK, whose own validation has to
// accept every answer. Usage: node sdk.mjs BASE KEY USER_ID STRANGERS_KEY
// POOR_KEY IMPATIENT_KEY: a key with a budget of one token, and one with two requests a minute. It prints one
// line per call and ends with code 1 at the first answer that is not as it has to be.
import assert from 'node:assert/strict'
import { Leonardo } from '@leonardo-ai/sdk'
import { Leonardo as Leonardo420 } from 'leonardo-sdk-4-20'
import { deflateSync } from 'node:zlib'

const [base, key, userId, strangersKey, poorKey, impatientKey] = process.argv.slice(2)
const serverURL = base + '/api/rest/v1'
const sdk = new Leonardo({ bearerAuth: key, serverURL })
const old = new Leonardo420({ bearerAuth: key, serverURL })
const stranger = new Leonardo({ bearerAuth: strangersKey, serverURL })
const nobody = '00000000-0000-4000-8000-000000000000'
let calls = 0

async function call(name, promise) {
  let answer
  try {
    answer = await promise
  } catch (e) {
    throw new Error(`${name}: ${e.message} ${e.body ?? ''} ${e.rawValue ? JSON.stringify(e.rawValue) : ''}`)
  }
  assert.equal(answer.statusCode, 200, name)
  calls++
  console.log('ok', name)
  return answer.object ?? answer
}

// refused expects an error with this status and these words.
async function refused(name, promise, status, words) {
  let failure
  try {
    await promise
  } catch (e) {
    failure = e
  }
  assert.ok(failure, name + ' was not refused')
  assert.equal(failure.statusCode, status, `${name}: ${failure.message}`)
  const body = JSON.parse(failure.body)
  assert.match(body.error, words, name)
  assert.equal(typeof body.path, 'string', name)
  assert.equal(typeof body.code, 'string', name)
  calls++
  console.log('ok', name, '→', status, body.error)
  return failure
}

// until asks again until the job has ended.
async function until(name, ask, status) {
  for (const end = Date.now() + 300_000; Date.now() < end; ) {
    const found = await ask()
    if (status(found) !== 'PENDING') {
      assert.equal(status(found), 'COMPLETE', `${name}: ${JSON.stringify(found)}`)
      console.log('ok', name, 'is complete')
      return found
    }
    await new Promise((done) => setTimeout(done, 100))
  }
  throw new Error(name + ' did not end')
}

// png makes a picture: what(x, y) gives red, green and blue.
function png(width, height, what) {
  const rows = Buffer.alloc(height * (1 + 3 * width))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows.set(what(x, y), y * (1 + 3 * width) + 1 + 3 * x)
  }
  const table = Array.from({ length: 256 }, (_, n) => {
    for (let k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1
    return n >>> 0
  })
  const crc = (data) => (data.reduce((c, b) => table[(c ^ b) & 255] ^ (c >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0
  const chunk = (type, data) => {
    const out = Buffer.alloc(12 + data.length)
    out.writeUInt32BE(data.length)
    out.write(type, 4, 'latin1')
    data.copy(out, 8)
    out.writeUInt32BE(crc(out.subarray(4, 8 + data.length)), 8 + data.length)
    return out
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width)
  head.writeUInt32BE(height, 4)
  head.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}

// send makes the second step of an upload, as clients do: no key, the fields, then the file.
async function send(url, fields, file, change = {}) {
  const form = new FormData()
  for (const [name, value] of Object.entries({ ...JSON.parse(fields), ...change })) form.append(name, value)
  form.append('file', new Blob([file]))
  return fetch(url, { method: 'POST', body: form })
}

async function fetched(url, type) {
  const r = await fetch(url)
  assert.equal(r.status, 200, url)
  assert.equal(r.headers.get('content-type'), type, url)
  const data = Buffer.from(await r.arrayBuffer())
  assert.ok(data.length > 100, url)
  return data
}

async function account() {
  const me = await call('user.getUserSelf', sdk.user.getUserSelf())
  const [it] = me.userDetails
  assert.equal(it.user.id, userId)
  return it
}

async function generations(balance) {
  const made = await call('image.createGeneration, as the SDK does by itself', sdk.image.createGeneration({ prompt: 'a lake below mountains at dusk', seed: 7 }))
  assert.equal(made.sdGenerationJob.apiCreditCost, 18)
  assert.deepEqual({ ...made.sdGenerationJob.cost }, { amount: '18', unit: 'CREDITS' })
  const id = made.sdGenerationJob.generationId
  const { generationsByPk: g } = await until('the generation', () => call('image.getGenerationById', sdk.image.getGenerationById(id)), (a) => a.generationsByPk.status)
  assert.equal(g.generatedImages.length, 4)
  assert.equal(g.imageWidth, 1024)
  assert.equal(g.modelId, 'b24e16ff-06e3-43eb-8d33-4416c2d75876')
  for (const image of g.generatedImages) await fetched(image.url, 'image/png')
  const now = await account()
  assert.equal(balance - (now.apiSubscriptionTokens + now.apiPaidTokens), 18)
  const price = await call('pricingCalculator', sdk.pricingCalculator.pricingCalculator({
    service: 'IMAGE_GENERATION',
    serviceParams: { imageGeneration: { imageWidth: 1024, imageHeight: 768, numImages: 4, alchemyMode: true, isSDXL: true, isSDXLLightning: true } },
  }))
  assert.equal(price.calculateProductionApiServiceCost.cost, 18)
  const all = await call('image.getGenerationsByUserId', sdk.image.getGenerationsByUserId(userId))
  assert.ok(all.generations.some((other) => other.id === id))
  const none = await call("somebody else's generations", sdk.image.getGenerationsByUserId(nobody))
  assert.equal(none.generations.length, 0)
  const foreign = await call('a foreign generation', stranger.image.getGenerationById(id))
  assert.equal(foreign.generationsByPk, null)
  const untouched = await call('deleting a foreign generation', stranger.image.deleteGenerationById(id))
  assert.equal(untouched.deleteGenerationsByPk, null)
  return g
}

async function refusals() {
  const small = { width: 256, height: 256, numImages: 1, alchemy: false }
  await refused('no key', new Leonardo({ serverURL, bearerAuth: '' }).user.getUserSelf(), 401, /unauthorized/)
  await refused('a wrong key', new Leonardo({ serverURL, bearerAuth: nobody }).user.getUserSelf(), 401, /unauthorized/)
  await refused('a key that is no UUID', new Leonardo({ serverURL, bearerAuth: 'abc' }).user.getUserSelf(), 500, /Invalid response/)
  await refused('too many images', sdk.image.createGeneration({ prompt: 'a lake', ...small, numImages: 9 }), 400, /too many images/)
  await refused('wrong sizes', sdk.image.createGeneration({ prompt: 'a lake', ...small, width: 260 }), 400, /invalid dimensions/)
  await refused('an unknown model', sdk.image.createGeneration({ prompt: 'a lake', ...small, modelId: nobody }), 400, /not supported/)
  await refused('a long prompt', sdk.image.createGeneration({ prompt: 'x'.repeat(1501), ...small }), 400, /maximum length of 1500/)
  await refused('a malformed id', sdk.image.getGenerationById('abc'), 400, /invalid input syntax for type uuid/)
  await refused('an unknown init image', sdk.image.createGeneration({ prompt: 'a lake', ...small, initImageId: nobody }), 400, /couldn't access image/)
  await refused('an unknown variation', sdk.variation.createVariationUnzoom({ id: nobody, isVariation: true }), 400, /failed to find init variation/)
  await refused('an unknown picture', sdk.variation.createVariationUpscale({ id: nobody }), 400, /couldn't access image/)
  await refused('a plan without Alchemy', stranger.image.createGeneration({ prompt: 'a lake' }), 403, /plan_required/)
  await refused('an ending', sdk.initImages.uploadInitImage({ extension: 'gif' }), 400, /invalid file extension/)
  await refused('training', sdk.elements.createElement({ name: 'x', datasetId: nobody, description: 'x', instancePrompt: 'x', loraFocus: 'Style', sdVersion: 'SDXL_1_0', resolution: 1024, learningRate: 0.00001, numTrainEpochs: 10, trainTextEncoder: true }), 400, /trains models/)
  await refused('videos', sdk.motion.createSVDMotionGeneration({ imageId: nobody, isInitImage: true, isPublic: false, isVariation: false, motionStrength: 3 }), 400, /videos/)
  await refused('a long prompt to improve', sdk.prompt.promptImprove({ prompt: 'x'.repeat(201) }), 400, /under 200 characters/)
  await refused('a blocked prompt', sdk.image.createGeneration({ prompt: 'a lake of gore', ...small }), 403, /^content moderation filter: gore$/)
  const poor = new Leonardo({ bearerAuth: poorKey, serverURL })
  await refused('too few tokens', poor.image.createGeneration({ prompt: 'a lake', ...small, numImages: 2 }), 400, new RegExp('^not enough api tokens userId: ' + userId))
  const impatient = new Leonardo({ bearerAuth: impatientKey, serverURL })
  await call('once', impatient.user.getUserSelf())
  await call('twice', impatient.user.getUserSelf())
  const limited = await refused('too many requests', impatient.user.getUserSelf(), 429, /too many requests/)
  assert.ok(Number(limited.headers.get('retry-after')) >= 1)
  const raw = await fetch(serverURL + '/generations', { method: 'POST', headers: { authorization: 'Bearer ' + key }, body: '{"prompt": "a lake", "photoReal": "yes"}' })
  assert.equal(raw.status, 400)
  assert.deepEqual(await raw.json(), { error: "expected a boolean for type 'Boolean', but found a string", path: '$.selectionSet.sdGenerationJob.args.arg1.photoReal', code: 'validation-failed' })
  const nowhere = await fetch(serverURL + '/nowhere', { headers: { authorization: 'Bearer ' + key } })
  assert.equal(nowhere.status, 404)
  assert.equal((await nowhere.json()).code, 'not-found')
}

async function guidance() {
  const picture = png(256, 256, (x, y) => (y < 150 ? [240, 150, 60] : [40, 60, 120]))
  const { uploadInitImage: up } = await call('initImages.uploadInitImage', sdk.initImages.uploadInitImage({ extension: 'png' }))
  const before = await call('initImages.getInitImageById, before the file', sdk.initImages.getInitImageById(up.id))
  assert.equal(before.initImagesByPk.url, undefined)
  assert.equal((await send(up.url, up.fields, picture, { key: 'users/other' })).status, 403)
  assert.equal((await send(up.url, up.fields, picture)).status, 204)
  const there = await call('initImages.getInitImageById', sdk.initImages.getInitImageById(up.id))
  await fetched(there.initImagesByPk.url, 'image/png')
  const element = (await call('elements.listElements', sdk.elements.listElements())).loras.find((l) => l.akUUID === '5f3e58d8-7af3-4d5b-92e3-a3d04b9a3414')
  assert.ok(element)
  const made = await call('image.createGeneration with guidance and an Element', sdk.image.createGeneration({
    prompt: 'hills', width: 256, height: 256, numImages: 1, alchemy: false, seed: 3, modelId: '1e60896f-3c26-4296-8ecc-53e2afecc132',
    elements: [{ akUUID: element.akUUID, weight: 1 }],
    controlnets: [{ initImageId: up.id, initImageType: 'UPLOADED', preprocessorId: 67, strengthType: 'High' }, { initImageId: up.id, initImageType: 'UPLOADED', preprocessorId: 19, weight: 0.8 }],
  }))
  assert.equal(made.sdGenerationJob.apiCreditCost, 3)
  const id = made.sdGenerationJob.generationId
  const done = await until('the guided generation', () => call('image.getGenerationById', sdk.image.getGenerationById(id)), (a) => a.generationsByPk.status)
  assert.equal(done.generationsByPk.generationElements.length, 1)
  await refused("somebody else's init image", stranger.image.createGeneration({ prompt: 'hills', width: 256, height: 256, numImages: 1, alchemy: false, initImageId: up.id }), 400, /couldn't access image/)
  assert.equal((await call("reading somebody else's init image", stranger.initImages.getInitImageById(up.id))).initImagesByPk, null)
  assert.equal((await call("deleting somebody else's init image", stranger.initImages.deleteInitImageById(up.id))).deleteInitImagesByPk, null)
  const gone = await call('initImages.deleteInitImageById', sdk.initImages.deleteInitImageById(up.id))
  assert.equal(gone.deleteInitImagesByPk.id, up.id)
}

// magic makes pictures of every class of models, and with Prompt Magic.
async function magic() {
  for (const [modelId, more, cost, version] of [
    ['1e60896f-3c26-4296-8ecc-53e2afecc132', { alchemy: true }, 16, 'SDXL_1_0'],
    ['ac614f96-1082-45bf-be9d-757f2d31c174', { alchemy: true }, 8, 'v1_5'],
    ['ac614f96-1082-45bf-be9d-757f2d31c174', { alchemy: true, promptMagic: true, promptMagicVersion: 'v3' }, 16, 'v1_5'],
    ['b24e16ff-06e3-43eb-8d33-4416c2d75876', { alchemy: false, promptMagic: true, promptMagicVersion: 'v2' }, 2, null],
  ]) {
    const made = await call('image.createGeneration with ' + JSON.stringify(more), sdk.image.createGeneration({ prompt: 'a mill by a river', width: 256, height: 256, numImages: 1, modelId, ...more }))
    assert.equal(made.sdGenerationJob.apiCreditCost, cost)
    const id = made.sdGenerationJob.generationId
    const { generationsByPk: g } = await until('that generation', () => call('image.getGenerationById', sdk.image.getGenerationById(id)), (a) => a.generationsByPk.status)
    if (version) assert.equal(g.sdVersion, version)
    assert.equal(g.promptMagic, more.promptMagic ?? false)
    await fetched(g.generatedImages[0].url, 'image/png')
  }
  const page = await call('a page of generations', sdk.image.getGenerationsByUserId(userId, 2, 1))
  assert.equal(page.generations.length, 2)
}

async function canvas() {
  const { uploadCanvasInitImage: up } = await call('initImages.uploadCanvasInitImage', sdk.initImages.uploadCanvasInitImage({ initExtension: 'png', maskExtension: 'png' }))
  const ground = png(256, 256, (x, y) => [120 + (x % 9), 140 + (y % 7), 90])
  const mask = png(256, 256, (x, y) => (x > 90 && x < 160 && y > 90 && y < 160 ? [255, 255, 255] : [0, 0, 0]))
  assert.equal((await send(up.initUrl, up.initFields, ground)).status, 204)
  assert.equal((await send(up.maskUrl, up.maskFields, mask)).status, 204)
  const made = await call('image.createGeneration on the canvas', sdk.image.createGeneration({
    prompt: 'flowers', width: 256, height: 256, numImages: 1, alchemy: false, modelId: '1e60896f-3c26-4296-8ecc-53e2afecc132',
    canvasRequest: true, canvasRequestType: 'INPAINT', canvasInitId: up.initImageId, canvasMaskId: up.maskImageId, initStrength: 0.2,
  }))
  assert.equal(made.sdGenerationJob.apiCreditCost, 1)
  const id = made.sdGenerationJob.generationId
  const done = await until('the canvas', () => call('image.getGenerationById', sdk.image.getGenerationById(id)), (a) => a.generationsByPk.status)
  await fetched(done.generationsByPk.generatedImages[0].url, 'image/png')
}

async function variations(g) {
  const picture = g.generatedImages[0].id
  const jobs = {}
  for (const [name, type, start] of [
    ['unzoom', 'UNZOOM', async () => (await call('variation.createVariationUnzoom', sdk.variation.createVariationUnzoom({ id: picture }))).sdUnzoomJob],
    ['nobg', 'NOBG', async () => (await call('variation.createVariationNoBG', sdk.variation.createVariationNoBG({ id: picture }))).sdNobgJob],
    ['upscale', 'UPSCALE', async () => (await call('variation.createVariationUpscale', sdk.variation.createVariationUpscale({ id: picture }))).sdUpscaleJob],
    ['universal', 'UPSCALE', async () => (await call('variation.createUniversalUpscalerJob', sdk.variation.createUniversalUpscalerJob({ generatedImageId: picture }))).universalUpscaler],
  ]) {
    const job = await start()
    assert.equal(job.apiCreditCost, { unzoom: 5, nobg: 2, upscale: 5, universal: 8 }[name])
    const done = await until(name, () => call('variation.getVariationById', sdk.variation.getVariationById(job.id)), (a) => a.generatedImageVariationGeneric[0].status)
    const [v] = done.generatedImageVariationGeneric
    assert.equal(v.transformType, type)
    await fetched(v.url, 'image/png')
    jobs[name] = job.id
  }
  const again = await call('unzoom of a variation', sdk.variation.createVariationUnzoom({ id: jobs.unzoom, isVariation: true }))
  await until('unzoom of a variation', () => call('variation.getVariationById', sdk.variation.getVariationById(again.sdUnzoomJob.id)), (a) => a.generatedImageVariationGeneric[0].status)
  const whole = await call('image.getGenerationById with variations', sdk.image.getGenerationById(g.id))
  assert.equal(whole.generationsByPk.generatedImages[0].generatedImageVariationGenerics.length, 4)
  await refused("somebody else's picture", stranger.variation.createVariationNoBG({ id: picture }), 400, /couldn't access image/)
  await refused("somebody else's variation", stranger.variation.createVariationUnzoom({ id: jobs.unzoom, isVariation: true }), 400, /failed to find init variation/)
  assert.equal((await call("reading somebody else's variation", stranger.variation.getVariationById(jobs.unzoom))).generatedImageVariationGeneric.length, 0)
  const none = await call('an unknown variation', sdk.variation.getVariationById(nobody))
  assert.equal(none.generatedImageVariationGeneric.length, 0)
}

async function catalogue() {
  const models = await call('models.listPlatformModels', sdk.models.listPlatformModels())
  assert.ok(models.customModels.some((m) => m.id === 'b24e16ff-06e3-43eb-8d33-4416c2d75876'))
  const better = await call('prompt.promptImprove', sdk.prompt.promptImprove({ prompt: 'a lake' }))
  assert.match(better.promptGeneration.prompt, /lake/)
  const random = await call('prompt.promptRandom', sdk.prompt.promptRandom())
  assert.ok(random.promptGeneration.prompt.length > 5)
}

async function textures() {
  const { uploadModelAsset: up } = await call('threeDModelAssets.uploadModelAsset', sdk.threeDModelAssets.uploadModelAsset({ modelExtension: 'obj', name: 'a tile' }))
  const obj = 'v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 1 1\nvt 0 1\nf 1/1 2/2 3/3 4/4\n'
  assert.equal((await send(up.modelUrl, up.modelFields, obj)).status, 204)
  const raw = async (path) => {
    const r = await fetch(serverURL + path, { headers: { authorization: 'Bearer ' + key } })
    assert.equal(r.status, 200, path)
    calls++
    return r.json()
  }
  assert.equal((await raw('/models-3d/' + up.modelId)).model_assets_by_pk.name, 'a tile')
  assert.equal((await raw(`/models-3d/user/${userId}?offset=0&limit=5`)).model_assets.length, 1)
  const made = await call('4.20.0: texture.createTextureGeneration', old.texture.createTextureGeneration({ modelAssetId: up.modelId, prompt: 'old red bricks', preview: true }))
  assert.equal(made.textureGenerationJob.apiCreditCost, 5)
  const id = made.textureGenerationJob.id
  const done = await until('the texture', () => raw('/generations-texture/' + id), (a) => a.model_asset_texture_generations_by_pk.status)
  await fetched(done.model_asset_texture_generations_by_pk.model_asset_texture_images[0].url, 'image/png')
  const full = await call('4.20.0: a full texture', old.texture.createTextureGeneration({ modelAssetId: up.modelId, prompt: 'moss', preview: false }))
  assert.equal(full.textureGenerationJob.apiCreditCost, 30)
  const maps = await until('the full texture', () => raw('/generations-texture/' + full.textureGenerationJob.id), (a) => a.model_asset_texture_generations_by_pk.status)
  const images = maps.model_asset_texture_generations_by_pk.model_asset_texture_images
  assert.deepEqual(images.map((i) => i.type).sort(), ['ALBEDO', 'DISPLACEMENT', 'NORMAL', 'ROUGHNESS'])
  for (const image of images) await fetched(image.url, 'image/png')
  assert.equal((await raw(`/generations-texture/model/${up.modelId}?offset=0&limit=9`)).model_asset_texture_generations.length, 2)
  const gone = await call('4.20.0: texture.deleteTextureGenerationById', old.texture.deleteTextureGenerationById(id, { id }))
  assert.equal(gone.deleteModelAssetTextureGenerationsByPk.id, id)
  const model = await call('threeDModelAssets.delete3DModelById', sdk.threeDModelAssets.delete3DModelById(up.modelId, { id: up.modelId }))
  assert.equal(model.deleteModelAssetsByPk.id, up.modelId)
}

async function datasets(g) {
  const { insertDatasetsOne: made } = await call('dataset.createDataset', sdk.dataset.createDataset({ name: 'my pictures', description: 'a few' }))
  const { uploadDatasetImage: up } = await call('dataset.uploadDatasetImage', sdk.dataset.uploadDatasetImage({ extension: 'png' }, made.id))
  assert.equal((await send(up.url, up.fields, png(64, 64, (x, y) => [x, y, 0]))).status, 204)
  await call('dataset.uploadDatasetImageFromGen', sdk.dataset.uploadDatasetImageFromGen({ generatedImageId: g.generatedImages[1].id }, made.id))
  const found = await call('dataset.getDatasetById', sdk.dataset.getDatasetById(made.id))
  assert.equal(found.datasetsByPk.datasetImages.length, 2)
  for (const image of found.datasetsByPk.datasetImages) await fetched(image.url, 'image/png')
  assert.equal((await call('a foreign dataset', stranger.dataset.getDatasetById(made.id))).datasetsByPk, null)
  const gone = await call('dataset.deleteDatasetById', sdk.dataset.deleteDatasetById(made.id))
  assert.equal(gone.deleteDatasetsByPk.id, made.id)
}

async function training() {
  await refused('models.createModel', sdk.models.createModel({ name: 'x', datasetId: nobody, instancePrompt: 'x' }), 400, /trains models/)
  assert.equal((await call('elements.getElementById', sdk.elements.getElementById(1))).userLorasByPk, null)
  assert.equal((await call('elements.deleteElementById', sdk.elements.deleteElementById(1))).deleteUserLorasByPk, null)
  assert.deepEqual((await call('elements.getCustomElementsByUserId', sdk.elements.getCustomElementsByUserId(userId))).userLoras, [])
  assert.equal((await call('models.getModelById', sdk.models.getModelById(nobody))).customModelsByPk, null)
  assert.equal((await call('models.deleteModelById', sdk.models.deleteModelById(nobody))).deleteCustomModelsByPk, null)
  assert.deepEqual((await call('models.getCustomModelsByUserId', sdk.models.getCustomModelsByUserId(userId))).customModels, [])
}

async function realtime() {
  const drawing = 'data:image/png;base64,' + png(128, 128, (x, y) => (y < 60 ? [120, 170, 230] : [60, 120, 60])).toString('base64')
  const mask = 'data:image/png;base64,' + png(128, 128, (x) => (x < 64 ? [255, 255, 255] : [0, 0, 0])).toString('base64')
  const common = { imageDataUrl: drawing, prompt: 'hills', width: 512, height: 512, strength: 0.5, steps: 4, guidance: 1, requestTimestamp: 'now' }
  for (const [name, start] of [
    ['createLCMGeneration', () => sdk.realtimeCanvas.createLCMGeneration(common)],
    ['performInstantRefine', () => sdk.realtimeCanvas.performInstantRefine(common)],
    ['performInpaintingLCM', () => sdk.realtimeCanvas.performInpaintingLCM({ ...common, maskDataUrl: mask })],
    ['performAlchemyUpscaleLCM', () => sdk.realtimeCanvas.performAlchemyUpscaleLCM(common)],
  ]) {
    const { lcmGenerationJob: job } = await call('realtimeCanvas.' + name, start())
    assert.equal(job.requestTimestamp, 'now')
    assert.match(job.imageDataUrl[0], /^data:image\/jpeg;base64,/)
  }
}

const me = await account()
const g = await generations(me.apiSubscriptionTokens + me.apiPaidTokens)
await refusals()
await guidance()
await magic()
await canvas()
await variations(g)
await catalogue()
await textures()
await datasets(g)
await training()
await realtime()
const gone = await call('image.deleteGenerationById', sdk.image.deleteGenerationById(g.id))
assert.equal(gone.deleteGenerationsByPk.id, g.id)
assert.equal((await call('a deleted generation', sdk.image.getGenerationById(g.id))).generationsByPk, null)
console.log(`done: ${calls} calls`)
