// Model files: their shapes in the API, and what the page says of them. Pure.

export interface ModelItem {
  id: string;
  name: string;
  purpose: string;
  package: string;
  version: string;
  download_bytes: number;
  licence: { name: string; permissive: boolean; text: string };
  supported: boolean;
  installed: boolean;
  accepted?: { who: string; at: string };
}

export interface ModelSet {
  id: string;
  name: string;
  purpose: string;
  items: string[] | null;
  installed: boolean;
  supported: boolean;
  download_bytes: number;
  needs_acceptance: boolean;
}

export interface ModelJob {
  set: string;
  running: boolean;
  item: string;
  step: string;
  bytes: number;
  total: number;
  error?: string;
}

export interface ModelFiles {
  sets: ModelSet[] | null;
  items: ModelItem[] | null;
  job: ModelJob | null;
  offer: boolean;
}

/** The sets worth a line of their own: those that are not just all the others together. */
export function shownSets(files: ModelFiles): ModelSet[] {
  return (files.sets ?? []).filter((set) => set.id !== 'all');
}

/** The items of a set, in its order. */
export function itemsOf(files: ModelFiles, set: ModelSet): ModelItem[] {
  return (set.items ?? []).flatMap((id) => (files.items ?? []).filter((item) => item.id === id));
}

/** The items whose licence somebody has to accept before the set is installed. */
export function toAccept(files: ModelFiles, set: ModelSet): ModelItem[] {
  return itemsOf(files, set).filter((item) => !item.licence.permissive && !item.accepted);
}

export function megabytes(bytes: number): string {
  return `${Math.max(1, Math.round(bytes / 1_000_000))} MB`;
}

/** How a set stands, in a few words. */
export function standing(files: ModelFiles, set: ModelSet): string {
  if (files.job?.running && files.job.set === set.id) return 'Installing';
  if (set.installed) return 'Installed';
  if (!set.supported) return 'Not available for this server';
  return 'Not installed';
}

const steps: Record<string, string> = { downloading: 'Downloading', checking: 'Checking', unpacking: 'Unpacking', done: 'Finishing' };

/** What an installation is doing, such as "Downloading ONNX Runtime". */
export function doing(files: ModelFiles, job: ModelJob): string {
  const item = (files.items ?? []).find((held) => held.id === job.item);
  return item ? `${steps[job.step] ?? 'Working on'} ${item.name}` : 'Starting';
}

/** How far the present step is, in percent, or null where that is not known yet. */
export function percent(job: ModelJob): number | null {
  if (!job.total || job.step === '') return null;
  return Math.min(100, Math.max(0, Math.floor((100 * job.bytes) / job.total)));
}

/** Whether a set can be taken away now: nothing runs, and nothing else needs it. */
export function removable(files: ModelFiles, set: ModelSet): boolean {
  if (!set.installed || files.job?.running) return false;
  const others = shownSets(files).filter((other) => other.id !== set.id && other.installed);
  return !others.some((other) => (set.items ?? []).every((id) => (other.items ?? []).includes(id)));
}

/** A text without the line breaks that were made for a terminal: paragraphs and lists stay. */
export function unwrapped(text: string): string {
  return text.trim().replace(/([^\n])\n(?![\n]|\s*(?:- |\d+\. ))\s*/g, '$1 ');
}
