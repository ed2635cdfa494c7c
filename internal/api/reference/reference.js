// Shows the OpenAPI document: every route with its input, its answer and an example.
const main = document.getElementById('main');
let schemas = {};

/** Makes an element with children; strings become text, never markup. */
function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children.filter((child) => child !== null));
  return node;
}

function deref(schema) {
  while (schema?.$ref) schema = schemas[schema.$ref.split('/').pop()];
  return schema ?? {};
}

function typeOf(schema) {
  if (schema.oneOf) return schema.oneOf.map(typeOf).join(' or ');
  if (schema.$ref) return schema.$ref.split('/').pop();
  const types = [schema.type ?? 'any'].flat();
  let said = types.map((t) => (t === 'array' ? `list of ${typeOf(schema.items ?? {})}` : t)).join(' or ');
  if (schema.enum) said += `: ${schema.enum.join(', ')}`;
  if (schema.format) said += `, ${schema.format}`;
  if (schema.minimum !== undefined || schema.maximum !== undefined) said += `, ${schema.minimum ?? ''} to ${schema.maximum ?? ''}`;
  if (schema.maxLength !== undefined) said += `, up to ${schema.maxLength} characters`;
  if (schema.maxItems !== undefined) said += `, up to ${schema.maxItems}`;
  return said;
}

function row(name, schema, needed, about) {
  return el('tr', {}, el('td', {}, el('code', {}, name), needed ? el('small', {}, ' required') : null),
    el('td', {}, el('span', { class: 'type' }, typeOf(schema)), about ? el('div', {}, about) : null));
}

/** Lists the members of an object, and those of the objects in it, once. */
function members(schema, prefix = '', depth = 0) {
  const box = deref(schema.oneOf ? schema.oneOf[0] : schema);
  const rows = [];
  for (const [name, p] of Object.entries(box.properties ?? {})) {
    rows.push(row(prefix + name, p, box.required?.includes(name), p.description));
    const list = [p.type].flat().includes('array');
    const inner = deref(list ? p.items : p.oneOf ? p.oneOf[0] : p);
    if (inner.properties && depth < 2) rows.push(...members(inner, `${prefix}${name}${list ? '[]' : ''}.`, depth + 1));
  }
  return rows;
}

function sample(schema, depth = 0) {
  const s = deref(schema.oneOf ? schema.oneOf[0] : schema);
  const type = [s.type ?? 'object'].flat()[0];
  if (s.enum) return s.enum[0];
  if (type === 'integer' || type === 'number') return Math.max(1, s.minimum ?? 1);
  if (type === 'boolean') return true;
  if (type === 'string') return s.format === 'date-time' ? '2030-01-01T00:00:00Z' : '…';
  if (type === 'array') return depth > 3 ? [] : [sample(s.items ?? {}, depth + 1)];
  const out = {};
  for (const name of s.required ?? []) out[name] = sample(s.properties[name], depth + 1);
  return out;
}

function curl(method, path, op) {
  const body = op.requestBody?.content?.['application/json']?.schema;
  let said = `curl -X ${method} ${location.origin}${path.replace(/[{}]/g, (c) => (c === '{' ? '$' : ''))} \\\n  -H "Authorization: Bearer $FLORIN_KEY"`;
  if (body) {
    let value = sample(body);
    if (Object.keys(value).length === 0 && deref(body).properties?.tokens) value = { tokens: 1 };
    said += ` \\\n  -H "Content-Type: application/json" -d '${JSON.stringify(value)}'`;
  }
  if (op.requestBody?.content?.['application/octet-stream']) said += ' \\\n  -H "Content-Type: application/octet-stream" --data-binary @FILE';
  return said;
}

function inside(method, path, op) {
  const parts = [];
  const scope = op.security?.find((s) => s.key)?.key[0];
  parts.push(el('p', {}, scope ? `Needs ${op.security.some((s) => s.session) ? 'a session, or a key' : 'a service key'} with the scope “${scope}”.` : 'Needs nobody signed in.'));
  if (op.parameters?.length) {
    parts.push(el('h3', {}, 'Parameters'), el('table', {}, ...op.parameters.map((p) => row(`${p.name} (${p.in})`, p.schema ?? {}, p.required, p.description))));
  }
  const body = op.requestBody?.content?.['application/json']?.schema;
  if (body) parts.push(el('h3', {}, 'Body'), el('table', {}, ...members(body)));
  for (const [status, answer] of Object.entries(op.responses ?? {})) {
    const schema = answer.content?.['application/json']?.schema;
    if (status >= '4') continue;
    parts.push(el('h3', {}, `Answer ${status}`));
    if (schema) parts.push(el('table', {}, ...members(schema)));
  }
  parts.push(el('p', {}, 'Refusals are problems (RFC 9457): see Problem below.'), el('h3', {}, 'Example'), el('pre', {}, curl(method, path, op)));
  return el('div', { class: 'in' }, ...parts);
}

/** A route: what is inside is made when it is opened. */
function route(method, path, op) {
  const node = el('details', { id: op.operationId }, el('summary', {}, el('span', { class: 'verb' }, method), el('span', { class: 'path' }, path), el('span', { class: 'about' }, op.summary ?? '')));
  node.dataset.words = `${method} ${path} ${op.summary} ${op.operationId}`.toLowerCase();
  node.addEventListener('toggle', () => { if (node.open && node.children.length === 1) node.append(inside(method, path, op)); });
  return node;
}

function show(doc) {
  schemas = doc.components.schemas;
  const groups = new Map();
  for (const [path, methods] of Object.entries(doc.paths).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const name = path.split('/')[3].split(':')[0];
    if (!groups.has(name)) groups.set(name, []);
    for (const [method, op] of Object.entries(methods)) groups.get(name).push(route(method.toUpperCase(), path, op));
  }
  main.replaceChildren(...[...groups].map(([name, routes]) => el('section', {}, el('h2', {}, name), ...routes)));
  const problem = el('details', {}, el('summary', {}, el('span', { class: 'verb' }, '4xx'), el('span', { class: 'path' }, 'Problem'), el('span', { class: 'about' }, 'What every refusal looks like')),
    el('div', { class: 'in' }, el('table', {}, ...members(schemas.Problem)), el('h3', {}, 'Codes'), el('p', {}, (deref(schemas.Problem).properties.code.examples ?? []).join(', '))));
  problem.dataset.words = 'problem';
  main.append(el('section', {}, el('h2', {}, 'refusals'), problem));
  const linked = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (linked instanceof HTMLDetailsElement) { linked.open = true; linked.scrollIntoView(); }
}

document.getElementById('find').addEventListener('input', (event) => {
  const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const section of main.querySelectorAll('section')) {
    let any = false;
    for (const node of section.querySelectorAll('details')) {
      node.hidden = !words.every((word) => node.dataset.words.includes(word));
      any ||= !node.hidden;
    }
    section.hidden = !any;
  }
});

fetch('/api/v1/openapi.json')
  .then((answer) => { if (!answer.ok) throw new Error(`status ${answer.status}`); return answer.json(); })
  .then(show)
  .catch((error) => main.replaceChildren(el('p', {}, `The document could not be read (${error.message}). Reload to try again.`)));
