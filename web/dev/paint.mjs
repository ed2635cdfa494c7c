// Paints a small landscape for the mock server, so that the pages can be looked at with
// something in their frames. Development only; Florin's own painter is in Go.
import { deflateSync } from 'node:zlib';

function random(seed) {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const palettes = [
  { sky: [[52, 78, 120], [244, 178, 122]], ridge: [70, 84, 116], near: [22, 32, 44], sun: [255, 224, 170] },
  { sky: [[28, 34, 66], [196, 122, 134]], ridge: [72, 60, 96], near: [20, 18, 34], sun: [255, 196, 170] },
  { sky: [[120, 158, 178], [240, 230, 208]], ridge: [112, 138, 148], near: [38, 58, 56], sun: [255, 248, 226] },
  { sky: [[16, 26, 48], [72, 108, 138]], ridge: [40, 60, 88], near: [10, 16, 26], sun: [226, 232, 240] },
];

const mix = (a, b, t) => a.map((v, i) => v + (b[i] - v) * t);

/** RGB pixels of one landscape, the same for the same seed and size. */
export function paint(width, height, seed) {
  const rnd = random(seed);
  const palette = palettes[Math.floor(rnd() * palettes.length)];
  const horizon = 0.58 + rnd() * 0.1;
  const sun = { x: 0.25 + rnd() * 0.5, y: horizon - 0.12 - rnd() * 0.16, r: 0.035 + rnd() * 0.03 };
  const layers = [0, 1, 2, 3].map((i) => ({
    base: horizon - 0.2 + i * 0.068,
    waves: Array.from({ length: 7 }, (_, k) => [2 ** k * (1.2 + rnd()), rnd() * 6.3, 0.075 / 1.75 ** k]),
    depth: i / 3,
  }));
  const ridges = layers.map(({ base, waves }) =>
    Float32Array.from({ length: width }, (_, x) =>
      waves.reduce((y, [f, p, a]) => y - Math.abs(Math.sin((x / width) * f * 3 + p)) * a, base + 0.05)));
  const skyAt = (u, v) => {
    const color = mix(palette.sky[0], palette.sky[1], Math.min(1, (v / horizon) ** 1.4));
    const d = Math.hypot((u - sun.x) * (width / height), v - sun.y);
    const glow = d < sun.r ? 1 : Math.exp(-(d - sun.r) * 7) * 0.55;
    return mix(color, palette.sun, glow);
  };
  const sceneAt = (x, v) => {
    for (let i = layers.length - 1; i >= 0; i--) {
      const top = ridges[i][x];
      if (v < top) continue;
      const mist = Math.min(1, (v - top) / (0.26 - i * 0.03)) * 0.55;
      const color = mix(mix(palette.ridge, palette.sky[1], 0.35), palette.near, layers[i].depth);
      return mix(color, palette.sky[1], mist * (1 - layers[i].depth * 0.6));
    }
    return skyAt(x / width, v);
  };
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    const v = y / height;
    for (let x = 0; x < width; x++) {
      let color;
      if (v < horizon) color = sceneAt(x, v);
      else {
        const down = v - horizon;
        const sway = Math.sin(y * 0.55 + Math.sin(x * 0.02) * 2) * down * 16;
        const sx = Math.max(0, Math.min(width - 1, Math.round(x + sway)));
        color = mix(sceneAt(sx, Math.max(0, horizon - down * 0.92)), palette.near, 0.16 + down * 0.7);
      }
      const grain = (rnd() - 0.5) * 7;
      const at = (y * width + x) * 3;
      for (let c = 0; c < 3; c++) pixels[at + c] = Math.max(0, Math.min(255, color[c] + grain));
    }
  }
  return pixels;
}

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  let crc = 0xffffffff;
  for (const byte of body) crc = table[(crc ^ byte) & 255] ^ (crc >>> 8);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE((crc ^ 0xffffffff) >>> 0, body.length + 4);
  return out;
}

export function png(width, height, seed) {
  const pixels = paint(width, height, seed);
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; y++) pixels.copy(rows, y * (width * 3 + 1) + 1, y * width * 3, (y + 1) * width * 3);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows, { level: 3 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
