// The settings of a task: what the panel edits, a job remembers and "use these" recalls.
import type { Catalog, Job, JobRequest, Origin, Picture, Pipeline, QuoteRequest, ReferenceKind } from './types';

export interface Settings {
  prompt: string;
  negative_prompt: string;
  pipeline: string;
  width: number | null;
  height: number | null;
  images: number;
  /** null = a new random seed every time. */
  seed: number | null;
  prompt_magic: '' | 'v2' | 'v3';
  tiling: boolean;
  elements: ChosenElement[];
  references: ChosenReference[];
}

export interface ChosenElement {
  id: string;
  weight: number;
}

export interface ChosenReference extends Origin {
  kind: ReferenceKind;
  strength: number;
  /** The address of its thumbnail. */
  thumbnail: string;
}

export const referenceKinds: readonly { id: ReferenceKind; name: string; about: string }[] = [
  { id: 'palette', name: 'Colours', about: 'its colours' },
  { id: 'structure', name: 'Layout', about: 'its masses and the horizon' },
  { id: 'edges', name: 'Lines', about: 'its outlines' },
  { id: 'image', name: 'Picture', about: 'the picture itself' },
];

export const limits = {
  prompt: 1500,
  side: { min: 32, max: 1536, step: 8 },
  seed: { min: 0, max: 9_999_999_998 },
  images: 8,
  elements: 4,
  references: 4,
  weight: { min: 0.1, max: 2, step: 0.1 },
  strength: { min: 0.1, max: 1, step: 0.1 },
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
  prompt_magic: '',
  tiling: false,
  elements: [],
  references: [],
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
  return { pipeline: settings.pipeline, images, width, height, ...additions(taken(settings, pipeline)) };
}

/** The add-ons that count for the price. */
function additions({ prompt_magic, elements, references }: Settings): Partial<QuoteRequest> {
  return {
    ...(prompt_magic ? { prompt_magic } : {}),
    ...(elements.length > 0 ? { elements: elements.length } : {}),
    ...(references.length > 0 ? { references: references.length } : {}),
  };
}

/** The settings without what the pipeline does not take; without a pipeline everything is taken. */
export function taken(settings: Settings, pipeline?: Pipeline): Settings {
  const takes = (addon: string) => !pipeline?.addons || pipeline.addons.includes(addon);
  const { prompt_magic, elements, references } = settings;
  return {
    ...settings,
    prompt_magic: prompt_magic && takes(`prompt_magic_${prompt_magic}`) ? prompt_magic : '',
    elements: takes('elements') ? elements : [],
    references: takes('image_guidance') ? references : [],
  };
}

export function request(given: Settings, quote?: string, pipeline?: Pipeline): JobRequest {
  const settings = taken(given, pipeline);
  return {
    ...(quote ? { quote } : {}),
    pipeline: settings.pipeline,
    prompt: settings.prompt.trim(),
    negative_prompt: settings.negative_prompt.trim(),
    width: settings.width ?? 0,
    height: settings.height ?? 0,
    images: settings.images,
    ...(settings.seed === null ? {} : { seed: settings.seed }),
    ...(settings.prompt_magic ? { prompt_magic: settings.prompt_magic } : {}),
    ...(settings.tiling ? { tiling: true } : {}),
    ...(settings.elements.length > 0 ? { elements: settings.elements } : {}),
    ...(settings.references.length > 0
      ? { references: settings.references.map(({ thumbnail: _, ...reference }) => reference) }
      : {}),
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
    prompt_magic: job.prompt_magic === 'v2' || job.prompt_magic === 'v3' ? job.prompt_magic : '',
    tiling: job.tiling ?? false,
    elements: (job.elements ?? []).map(({ id, weight }) => ({ id, weight: weight ?? 1 })),
    references: (job.references ?? []).map((reference) => ({
      ...reference,
      strength: reference.strength ?? 0.6,
      thumbnail: thumbnailOf(reference),
    })),
  };
}

/** Where the thumbnail of a picture or an upload is. */
export function thumbnailOf(origin: Origin): string {
  return origin.picture ? `/pictures/${origin.picture}/thumb.jpg` : `/api/v1/uploads/${origin.upload}/thumb.jpg`;
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
      prompt_magic: value['prompt_magic'] === 'v2' || value['prompt_magic'] === 'v3' ? value['prompt_magic'] : '',
      tiling: value['tiling'] === true,
      elements: list(value['elements'], isElement).slice(0, limits.elements),
      references: list(value['references'], isReference).slice(0, limits.references),
    };
  } catch {
    return { ...firstRun };
  }
}

function list<T>(value: unknown, is: (one: unknown) => one is T): T[] {
  return Array.isArray(value) ? value.filter(is) : [];
}

function isElement(one: unknown): one is ChosenElement {
  const element = one as ChosenElement | null;
  return typeof element?.id === 'string' && typeof element.weight === 'number';
}

function isReference(one: unknown): one is ChosenReference {
  const reference = one as ChosenReference | null;
  return (
    typeof reference?.thumbnail === 'string' &&
    typeof reference.strength === 'number' &&
    referenceKinds.some(({ id }) => id === reference.kind) &&
    (typeof reference.picture === 'string') !== (typeof reference.upload === 'string')
  );
}

/** The pipeline that paints into a given picture; it has a place of its own on the picture's page. */
export const canvas = 'canvas';

/** The pipelines that the panel offers. */
export function paintable(catalog: Catalog | null): readonly Pipeline[] {
  return (catalog?.pipelines ?? []).filter((pipeline) => pipeline.id !== canvas);
}

/** What the catalog no longer has gives way: a pipeline to the first, the rest to nothing. */
export function fit(settings: Settings, catalog: Catalog): Settings {
  const pipelines = paintable(catalog);
  const known = pipelines.some((pipeline) => pipeline.id === settings.pipeline);
  const elements = settings.elements.filter(({ id }) => catalog.elements?.some((element) => element.id === id));
  const references = settings.references.filter(({ kind }) => catalog.references?.includes(kind));
  return {
    ...settings,
    pipeline: known ? settings.pipeline : (pipelines[0]?.id ?? settings.pipeline),
    prompt_magic: catalog.prompt_magic ? settings.prompt_magic : '',
    elements,
    references,
  };
}
