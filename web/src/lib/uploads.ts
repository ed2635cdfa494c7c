// Giving files to the studio.
import { api } from './api';
import { studio } from './studio.svelte';
import type { Upload, UploadKind } from './types';

/** Sends a file; what goes wrong is said at the foot of the page, and nothing is given back. */
export async function takeFile(kind: UploadKind, file: File): Promise<Upload | null> {
  try {
    return await api.upload(kind, file, file.name || 'picture.png');
  } catch (error) {
    studio.report(error);
    return null;
  }
}

/** The id of one of the studio's own pictures that was dragged here from a page. */
export function droppedPicture(data: DataTransfer | null): string | null {
  return pictureIn(data?.getData('text/uri-list') ?? '');
}

/** The id of the picture that an address of this studio leads to. */
export function pictureIn(address: string, origin = location.origin): string | null {
  const line = address.split('\n').find((text) => text !== '' && !text.startsWith('#'));
  if (!line || !URL.canParse(line) || new URL(line).origin !== origin) return null;
  return /^\/pictures\/([0-9a-f-]{36})(?:\.png|\/thumb\.jpg)?$/.exec(new URL(line).pathname)?.[1] ?? null;
}

/** What a file picker offers for each kind. */
export const accepted: Record<UploadKind, string> = {
  image: 'image/png,image/jpeg,image/webp',
  mask: 'image/png,image/jpeg,image/webp',
  dataset: 'image/png,image/jpeg,image/webp',
  mesh: '.obj,.glb',
};
