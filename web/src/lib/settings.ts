// The settings of a task: what the panel edits, a job remembers and "use these" recalls.
import type { Catalog, Job, JobRequest, Picture, Pipeline, QuoteRequest } from './types';

export interface Settings {
  prompt: string;
  negative_prompt: string;
  pipeline: string;
  width: number | null;
  height: number | null;
  images: number;
  /** null = a new random seed every time. */
  seed: number | null;
}

export const limits = {
  prompt: 1500,
  side: { min: 32, max: 1536, step: 8 },
  seed: { min: 0, max: 9_999_999_998 },
  images: 8,
} as const;

export const examples: readonly string[] = [
  'A mountain lake at sunset, snowy peaks and a pine forest on the far shore',
  'Desert dunes under a huge pale moon, long blue shadows, clear night sky',
  'A neon city at night in the rain, reflections on the water',
  'Snow-covered peaks above a sea of clouds, first light of the morning',
  'Rolling green hills after rain, a winding river, dramatic evening sky',
  'An autumn forest in golden morning light',
];

export const firstRun: Settings = {
  prompt: examples[0] ?? '',
  negative_prompt: '',
  pipeline: 'default',
  width: 768,
  height: 768,
  images: 1,
  seed: null,
};

/** Message per field for what the page can know by itself; the server has the last word. */
export function check(settings: Settings, pipeline?: Pipeline): Record<string, string> {
  const wrong: Record<string, string> = {};
  const length = [...settings.prompt.trim()].length;
  if (length === 0) wrong['prompt'] = 'Describe the picture you want.';
  if (length > limits.prompt) wrong['prompt'] = `${length} of at most 1,500 characters.`;
  for (const side of ['width', 'height'] as const) {
    const message = checkSide(settings[side]);
    if (message) wrong[side] = message;
  }
  const most = Math.min(limits.images, pipeline?.max_images || limits.images);
  if (!Number.isInteger(settings.images) || settings.images < 1 || settings.images > most) {
    wrong['images'] = most === 1 ? `${pipeline?.name} makes one image at a time.` : `1 to ${most} images.`;
  }
  const { seed } = settings;
  if (seed !== null && (!Number.isInteger(seed) || seed < limits.seed.min || seed > limits.seed.max)) {
    wrong['seed'] = 'A whole number from 0 to 9999999998.';
  }
  return wrong;
}

function checkSide(value: number | null): string {
  const { min, max, step } = limits.side;
  if (value === null || !Number.isInteger(value)) return `A whole number of pixels, ${min} to ${max}.`;
  if (value < min || value > max) return `${min} to ${max} pixels.`;
  if (value % step !== 0) {
    const below = Math.floor(value / step) * step;
    return `A multiple of ${step}, such as ${below} or ${below + step}.`;
  }
  return '';
}

/** What the price depends on, or null while a field that matters is wrong. */
export function priced(settings: Settings, pipeline?: Pipeline): QuoteRequest | null {
  const wrong = check(settings, pipeline);
  if (wrong['width'] || wrong['height'] || wrong['images']) return null;
  const { width, height, images } = settings;
  if (width === null || height === null) return null;
  return { pipeline: settings.pipeline, images, width, height };
}

export function request(settings: Settings, quote?: string): JobRequest {
  return {
    ...(quote ? { quote } : {}),
    pipeline: settings.pipeline,
    prompt: settings.prompt.trim(),
    negative_prompt: settings.negative_prompt.trim(),
    width: settings.width ?? 0,
    height: settings.height ?? 0,
    images: settings.images,
    ...(settings.seed === null ? {} : { seed: settings.seed }),
  };
}

/** A job's settings; with one of its pictures, that picture's seed, which paints it again. */
export function recall(job: Job, picture?: Picture): Settings {
  return {
    prompt: job.prompt,
    negative_prompt: job.negative_prompt,
    pipeline: job.pipeline,
    width: job.width,
    height: job.height,
    images: picture ? 1 : job.images,
    seed: picture ? picture.seed : (job.seed ?? null),
  };
}

/** Reads stored settings; anything unknown or broken falls back to the first run's. */
export function restore(text: string | null): Settings {
  try {
    const stored: unknown = JSON.parse(text ?? 'null');
    if (typeof stored !== 'object' || stored === null) return { ...firstRun };
    const value = stored as Record<string, unknown>;
    const word = (key: 'prompt' | 'negative_prompt' | 'pipeline') =>
      typeof value[key] === 'string' ? value[key] : firstRun[key];
    const count = (key: 'width' | 'height' | 'images') =>
      Number.isInteger(value[key]) ? (value[key] as number) : firstRun[key];
    return {
      prompt: word('prompt'),
      negative_prompt: word('negative_prompt'),
      pipeline: word('pipeline'),
      width: count('width'),
      height: count('height'),
      images: count('images') ?? 1,
      seed: Number.isInteger(value['seed']) ? (value['seed'] as number) : null,
    };
  } catch {
    return { ...firstRun };
  }
}

/** A pipeline that the catalog no longer has gives way to its first. */
export function fit(settings: Settings, catalog: Catalog): Settings {
  if (catalog.pipelines.some((pipeline) => pipeline.id === settings.pipeline)) return settings;
  return { ...settings, pipeline: catalog.pipelines[0]?.id ?? settings.pipeline };
}
