// The list of jobs as the event stream, the page's own requests and paging feed it.
// Answers may come late, twice and out of order; the list must not flicker back.
import type { Job, JobStatus, Picture } from './types';

const stage: Record<JobStatus, number> = { queued: 0, running: 1, complete: 2, failed: 2, cancelled: 2 };

export function finished(job: Job): boolean {
  return stage[job.status] === 2;
}

/** The more advanced of two states of the same job; a finished one is never undone. */
export function later(held: Job, came: Job): Job {
  if (stage[came.status] !== stage[held.status]) {
    return stage[came.status] > stage[held.status] ? came : held;
  }
  const [now, then] = [pictures(came).length, pictures(held).length];
  if (now !== then) return now > then ? came : held;
  if (finished(held)) return came;
  return came.progress >= held.progress ? came : held;
}

/** Newest first; a job that is already there is advanced in place. Returns a new list only if something changed. */
export function take(jobs: readonly Job[], came: Job): readonly Job[] {
  const at = jobs.findIndex((job) => job.id === came.id);
  const held = jobs[at];
  if (held) {
    const kept = later(held, came);
    return kept === held ? jobs : jobs.with(at, kept);
  }
  const place = jobs.findIndex((job) => job.created_at < came.created_at);
  return place < 0 ? [...jobs, came] : jobs.toSpliced(place, 0, came);
}

export function takeAll(jobs: readonly Job[], came: readonly Job[]): readonly Job[] {
  return came.reduce(take, jobs);
}

export type Tile =
  | { state: 'done'; index: number; picture: Picture }
  | { state: 'working'; index: number; progress: number }
  | { state: 'waiting'; index: number }
  | { state: 'missing'; index: number };

/**
 * One tile per picture ordered: the finished ones in their order, then the one being made.
 * The server reports the progress of the whole job; what is beyond the finished pictures
 * belongs to the one being made.
 */
export function tiles(job: Job): Tile[] {
  const done = pictures(job);
  const row: Tile[] = done.map((picture, index) => ({ state: 'done', index, picture }));
  const share = Math.round(job.progress * job.images - done.length * 100);
  for (let index = done.length; index < job.images; index++) {
    if (finished(job)) row.push({ state: 'missing', index });
    else if (job.status === 'running' && index === done.length) {
      row.push({ state: 'working', index, progress: Math.max(0, Math.min(100, share)) });
    } else row.push({ state: 'waiting', index });
  }
  return row;
}

export function pictures(job: Job): Picture[] {
  return [...(job.pictures ?? [])].sort((a, b) => a.index - b.index);
}

/** What a screen reader is told when a job moves on, or nothing when it is no news. */
export function news(before: Job | undefined, after: Job): string {
  const made = pictures(after).length;
  if (before && before.status === after.status && pictures(before).length === made) return '';
  switch (after.status) {
    case 'queued':
      return before ? '' : 'Job accepted and waiting.';
    case 'running':
      return made > 0 ? `${made} of ${after.images} pictures finished.` : 'Painting has started.';
    case 'complete':
      return made === 1 ? 'Your picture is finished.' : `All ${made} pictures are finished.`;
    case 'failed':
      return `The job failed. ${after.reason ?? ''}`.trim();
    case 'cancelled':
      return 'The job was cancelled.';
  }
}
