// A stand-in for Florin's server that answers docs/http-contract.md from memory, for
// working on the pages and looking at them. Development only: it checks little, forgets
// everything when it stops, and its prices are only as right as the pages need.
import { png } from './paint.mjs';

const plans = [
  { id: 'free', name: 'Free', allowance: { tokens: 150, every: 'day' }, daily_floor: 0, pending: 1, parallel: 1, private: false, premium: false, relaxed: false, price: null },
  { id: 'apprentice', name: 'Apprentice', allowance: { tokens: 8500, every: 'month' }, daily_floor: 150, pending: 5, parallel: 2, private: true, premium: true, relaxed: false, price: { currency: 'USD', month: 1200, year: 12000 } },
  { id: 'artisan', name: 'Artisan', allowance: { tokens: 25000, every: 'month' }, daily_floor: 150, pending: 10, parallel: 3, private: true, premium: true, relaxed: true, price: { currency: 'USD', month: 3000, year: 28800 } },
];
const prices = { default: [1, 2, 3, 4, 5, 6, 7, 8], alchemy: [8, 12, 15, 18, 22, 25, 28, 32], alchemy_v2: [16, 20, 23, 26, 30, 33, 36, 40], alchemy_v2_lightning: [10, 11, 12, 12, 13, 14, 14, 15] };
const catalog = {
  version: 'mock-1', addons: [], operations: [], plans,
  pipelines: [
    { id: 'default', name: 'Default image', description: 'Quick and cheap, for most pictures.', premium: false, max_images: 8 },
    { id: 'alchemy', name: 'Alchemy', description: 'More detail and better light.', premium: true, max_images: 8 },
    { id: 'alchemy_v2', name: 'Alchemy V2', description: 'The finest pictures, at the highest price.', premium: true, max_images: 8 },
    { id: 'alchemy_v2_lightning', name: 'Alchemy V2 Lightning', description: 'Nearly as fine, much faster.', premium: true, max_images: 8 },
  ],
  sizes: [
    { width: 768, height: 768, name: 'Square' }, { width: 832, height: 624, name: 'Landscape' },
    { width: 624, height: 832, name: 'Portrait' }, { width: 1024, height: 576, name: 'Wide' },
    { width: 576, height: 1024, name: 'Tall' },
  ],
};
const engine = { id: 'builtin', name: 'Built-in painter', honesty: 'built-in painter, no AI model' };

class Refusal extends Error {
  constructor(status, code, detail, more = {}) {
    super(detail);
    this.answer = { type: `https://florin.invalid/problems/${code}`, title: code.replaceAll('_', ' '), status, detail, code, ...more };
  }
}

const wrong = (field, message, value) =>
  new Refusal(422, 'bad_request', 'Some fields are not right.', { errors: [{ location: `body.${field}`, message, value }] });

/** options.signedIn, options.balance, options.plan, options.setup, options.virtual, options.pace (ms per step) */
export function createMock(options = {}) {
  const s = {
    me: options.signedIn ? person('Ada', 'ada@example.org') : null, setup: options.setup ?? false, virtual: options.virtual ?? false,
    plan: options.plan ?? 'free', balance: options.balance ?? 150, held: 0, pace: options.pace ?? 90,
    jobs: [], keys: [], hooks: [], quotes: new Map(), streams: new Set(), event: 0, next: 1, failNext: false,
  };
  const id = (kind) => `${kind}-${String(s.next++).padStart(4, '0')}`;
  const now = () => new Date().toISOString();
  const midnight = () => new Date(Math.ceil((Date.now() + 1) / 86_400_000) * 86_400_000).toISOString();
  const next = () => ({ at: midnight(), tokens: 150, kind: 'daily' });

  function person(name, email) {
    return { id: 'user-1', email, name, admin: true, plan: { id: 'free', name: 'Free' }, zone: 'UTC' };
  }
  function balance() {
    const plan = plans.find((p) => p.id === s.plan);
    const daily = Math.min(s.balance, 150);
    const grants = [{ id: 'g1', kind: 'daily', amount: 150, remaining: daily, starts_at: now(), expires_at: midnight() }];
    if (s.balance > 150) grants.push({ id: 'g2', kind: 'bonus', amount: s.balance - 150, remaining: s.balance - 150, starts_at: now(), expires_at: null });
    return { balance: s.balance, held: s.held, frozen: 0, displayed: s.balance, relaxed_used: 0, owed: 0, plan: plan.id, plan_name: plan.name, cycle_ends: null, next_reset: midnight(), now: now(), next: next(), grants };
  }
  function quote(body) {
    const plan = plans.find((p) => p.id === s.plan);
    const pipeline = catalog.pipelines.find((p) => p.id === body.pipeline);
    if (!pipeline) throw wrong('pipeline', `unknown pipeline "${body.pipeline}"`, body.pipeline);
    for (const side of ['width', 'height']) {
      if (body[side] % 8 || body[side] < 32 || body[side] > 1536) throw wrong(side, 'must be a multiple of 8, 32 to 1536', body[side]);
    }
    if (pipeline.premium && !plan.premium) {
      throw new Refusal(403, 'plan_required', `${pipeline.name} is a premium feature; the Apprentice plan is the cheapest that has it.`, { plan: { id: 'apprentice', name: 'Apprentice' } });
    }
    const base = prices[body.pipeline][body.images - 1];
    const pixels = body.width * body.height;
    const factor = pixels <= 768 * 768 ? 1 : pixels <= 1024 * 1024 ? 1.5 : 2.5;
    const tokens = Math.ceil(base * factor);
    const lines = [{ rule: 'pipeline', text: `${pipeline.name}, ${body.images} ${body.images === 1 ? 'image' : 'images'}`, tokens: base }];
    if (factor > 1) lines.push({ rule: 'size', text: `Size ${body.width} × ${body.height} (× ${factor})`, tokens: tokens - base });
    const missing = Math.max(0, tokens - s.balance);
    const relaxed = missing > 0 && plan.relaxed;
    const answer = {
      id: id('quote'), tokens, lines, lane: relaxed ? 'relaxed' : 'fast', covered: missing === 0, balance: s.balance, missing,
      next: next(), pays: missing ? [] : [{ grant: 'g1', kind: 'daily', tokens }], plans: missing ? [{ id: 'apprentice', name: 'Apprentice' }] : [],
      expires_at: new Date(Date.now() + 600_000).toISOString(), catalog: catalog.version,
    };
    s.quotes.set(answer.id, answer);
    return answer;
  }
  function send(event, data) {
    const text = `id: ${++s.event}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    for (const stream of s.streams) stream.write(text);
  }
  function picture(job, index) {
    const seed = job.seed + index;
    const pid = id('pic');
    const words = [...new Set(job.prompt.toLowerCase().match(/[a-z'-]+/g) ?? [])];
    const known = words.filter((w) => /mist|mountain|lake|sun|pine|forest|shore|light|dune|moon|night|sky|snow|peak|cloud|hill|river|sea|golden/.test(w));
    return { id: pid, job_id: job.id, index, url: `/pictures/${pid}.png`, thumbnail_url: `/pictures/${pid}/thumb.jpg`, width: job.width, height: job.height, seed, prompt: job.prompt, used_words: known, ignored_words: words.filter((w) => !known.includes(w) && w.length > 4), scene: 'lake', created_at: now() };
  }
  function submit(body) {
    if (!body.prompt?.trim()) throw wrong('prompt', 'must have 1 to 1500 characters', body.prompt);
    if (/forbidden/i.test(body.prompt)) throw wrong('prompt', 'contains a word that this studio does not paint', 'forbidden');
    const price = s.quotes.get(body.quote) ?? quote(body);
    if (!price.covered && price.lane === 'fast') {
      throw new Refusal(402, 'insufficient_tokens', `This costs ${price.tokens} tokens and the balance is ${s.balance}.`, { price: price.tokens, balance: s.balance, missing: price.missing, next: price.next, plans: price.plans });
    }
    const pending = s.jobs.filter((j) => ['queued', 'running'].includes(j.status)).length;
    const limit = plans.find((p) => p.id === s.plan).pending;
    if (pending >= limit && !options.unlimited) throw new Refusal(429, 'pending_limit', `Your plan allows ${limit} pending job at a time. Wait for it to finish or cancel it.`, { limit });
    const job = { id: id('job'), status: 'queued', lane: price.lane, pipeline: body.pipeline, prompt: body.prompt, negative_prompt: body.negative_prompt, width: body.width, height: body.height, images: body.images, seed: body.seed ?? Math.floor(Math.random() * 9e9), price: price.tokens, settled: 0, progress: 0, position: 1, reason: null, created_at: now(), engine, pictures: [] };
    s.balance -= job.price;
    s.held += job.price;
    s.jobs.unshift(job);
    send('job', job);
    send('balance', balance());
    const fail = s.failNext;
    s.failNext = false;
    setTimeout(() => run(job, fail), s.pace * 4);
    return { ...job };
  }
  function end(job, status, settled, reason = null) {
    Object.assign(job, { status, settled, reason, finished_at: now() });
    s.held -= job.price;
    s.balance += job.price - settled;
    send('job', job);
    send('balance', balance());
  }
  function run(job, fail) {
    if (job.status !== 'queued') return;
    Object.assign(job, { status: 'running', started_at: now(), position: null });
    const step = () => {
      if (job.status !== 'running') return;
      job.progress = Math.min(100, job.progress + Math.max(1, 8 / job.images));
      if (fail && job.progress > 40) return end(job, 'failed', 0, 'The engine stopped answering. Nothing was charged.');
      while (job.pictures.length < Math.floor((job.progress * job.images) / 100)) job.pictures.push(picture(job, job.pictures.length));
      if (job.progress >= 100) return end(job, 'complete', job.price);
      send('job', job);
      setTimeout(step, s.pace);
    };
    step();
  }
  const cut = (list, query) => {
    const from = Number(query.get('cursor') ?? 0);
    const limit = Number(query.get('limit') ?? 20);
    return [list.slice(from, from + limit), from + limit < list.length ? String(from + limit) : null];
  };
  const allPictures = () => s.jobs.flatMap((j) => [...j.pictures].reverse());

  const open = {
    'GET /info': () => ({ name: 'Florin', version: '0.1.0-mock', setup_needed: s.setup, sign_up: 'open', virtual_clock: s.virtual, now: now(), engines: [engine] }),
    'POST /setup': (b) => {
      if ((b.password ?? '').length < 8) throw wrong('password', 'must have at least 8 characters');
      s.setup = false;
      s.me = person(b.name, b.email);
      return { me: s.me };
    },
    'POST /sign-up': (b) => {
      if ((b.password ?? '').length < 8) throw wrong('password', 'must have at least 8 characters');
      s.me = person(b.name, b.email);
      return { me: s.me };
    },
    'POST /sign-in': (b) => {
      if (b.password === 'wrong') throw new Refusal(401, 'unauthorized', 'This e-mail and password do not belong together.');
      s.me = person('Ada', b.email);
      return { me: s.me };
    },
    'POST /sign-out': () => { s.me = null; },
    'POST /mock': (b) => { Object.assign(s, b); return {}; },
  };
  const closed = {
    'GET /me': () => ({ me: { ...s.me, plan: { id: s.plan, name: plans.find((p) => p.id === s.plan).name } } }),
    'GET /balance': balance,
    'GET /catalog': () => catalog,
    'POST /quotes': quote,
    'POST /jobs': (b) => ({ job: submit(b) }),
    'GET /jobs': (_, q) => { const [jobs, next_cursor] = cut(s.jobs, q); return { jobs, next_cursor }; },
    'GET /pictures': (_, q) => { const [pictures, next_cursor] = cut(allPictures(), q); return { pictures, next_cursor }; },
    'GET /keys': () => ({ keys: s.keys }),
    'GET /webhooks': () => ({ webhooks: [...s.hooks, ...s.keys.filter((key) => key.webhook_url).map(hookOf)] }),
    'POST /webhooks': (b) => {
      const made = { id: id('hook'), kind: 'events', name: '', ...b, secret: 'whsec_••••••••', old_secret_until: null, created_at: now(), failing_since: null, disabled_at: null };
      s.hooks.push(made);
      return { ...made, secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' };
    },
    'POST /keys': (b) => {
      if (!b.name?.trim()) throw wrong('name', 'must not be empty', b.name);
      if (b.webhook_url?.includes('//127.')) throw wrong('webhook_url', 'allowed: an https address whose name is known and belongs to public addresses only', b.webhook_url);
      const key = crypto.randomUUID();
      const made = { id: id('key'), name: b.name, hint: `${key.slice(0, 4)}…${key.slice(-4)}`, created_at: now(), last_used_at: null,
        scopes: b.scopes ?? ['read', 'generate'], expires_at: b.expires_at ?? null, budget_day: b.budget_day ?? 0, budget_total: b.budget_total ?? 0, spent_day: 0, spent_total: 0,
        ...(b.webhook_url && { webhook_url: b.webhook_url }), ...s.newHook };
      s.keys.unshift(made);
      return { id: made.id, name: made.name, key };
    },
  };

  /** The webhook of a key. */
  function hookOf(key) {
    return { id: key.id, kind: 'key', name: key.name, url: key.webhook_url, events: ['generation.complete', 'generation.failed', 'generation.cancelled'], secret: '••••••••',
      old_secret_until: null, created_at: key.created_at, failing_since: null, disabled_at: key.webhook_disabled_at ?? null, reason: key.webhook_reason };
  }

  function route(method, path, body, query) {
    const key = `${method} ${path}`;
    if (open[key]) return open[key](body, query);
    if (!s.me) throw new Refusal(401, 'unauthorized', 'Sign in first.');
    if (closed[key]) return closed[key](body, query);
    const [, kind, rid, verb] = path.split('/');
    const job = kind === 'jobs' && s.jobs.find((j) => j.id === rid);
    if (job && verb === 'cancel') {
      if (['queued', 'running'].includes(job.status)) end(job, 'cancelled', job.pictures.length ? Math.ceil((job.price * job.pictures.length) / job.images) : 0);
      return job;
    }
    if (job && verb === 'retry') {
      const rest = { ...job, images: job.images - job.pictures.length || job.images };
      return method === 'GET' ? quote(rest) : { job: submit({ ...rest, quote: body?.quote }) };
    }
    if (job) return job;
    const found = kind === 'pictures' && allPictures().find((p) => p.id === rid);
    if (found) return { ...found, job: s.jobs.find((j) => j.id === found.job_id) };
    if (kind === 'webhooks' && verb === 'deliveries') return { deliveries: [] };
    if (kind === 'keys' && method === 'DELETE') { s.keys = s.keys.filter((k) => k.id !== rid); return undefined; }
    throw new Refusal(404, 'not_found', 'There is nothing here.');
  }

  return async function handle(request, response, pass) {
    const url = new URL(request.url, 'http://mock.invalid');
    const file = url.pathname.match(/^\/pictures\/([^/]+?)(\.png|\/thumb\.jpg)$/);
    if (file) {
      const found = allPictures().find((p) => p.id === file[1]);
      if (!found) { response.writeHead(404).end(); return; }
      const scale = file[2] === '.png' ? 1 : 0.5;
      response.writeHead(200, { 'Content-Type': 'image/png', 'Cache-Control': 'max-age=3600', ...(url.searchParams.has('download') ? { 'Content-Disposition': `attachment; filename="${found.id}.png"` } : {}) });
      response.end(png(Math.round(found.width * scale), Math.round(found.height * scale), found.seed));
      return;
    }
    if (!url.pathname.startsWith('/api/v1/')) { pass(); return; }
    const path = url.pathname.slice('/api/v1'.length);
    if (path === '/events' && s.me) {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      response.write(': here\n\n');
      s.streams.add(response);
      request.on('close', () => s.streams.delete(response));
      return;
    }
    let text = '';
    for await (const part of request) text += part;
    try {
      const answer = route(request.method, path, text ? JSON.parse(text) : {}, url.searchParams);
      response.writeHead(answer === undefined ? 204 : 200, { 'Content-Type': 'application/json' });
      response.end(answer === undefined ? undefined : JSON.stringify(answer));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      response.writeHead(error.answer.status, { 'Content-Type': 'application/problem+json' });
      response.end(JSON.stringify(error.answer));
    }
  };
}
