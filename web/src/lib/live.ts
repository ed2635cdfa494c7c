// The event stream with its connection kept up. The browser resumes by Last-Event-ID after
// a dropped line; when it gives up (the server answered with an error) this opens a new
// stream and asks its owner to read everything afresh, since the new one has no past.
import type { Balance, Job } from './types';

export interface LiveHandlers {
  job: (job: Job) => void;
  balance: (balance: Balance) => void;
  /** A connection that may have missed something is up again. */
  reopened: () => void;
  /** Whether the line is up, for the page to say so. */
  line: (up: boolean) => void;
}

export interface Source {
  readonly readyState: number;
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
}

const closed = 2;

export class Live {
  #source: Source | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #tries = 0;
  #everOpen = false;
  #open: () => Source;
  #handlers: LiveHandlers;

  constructor(handlers: LiveHandlers, open: () => Source) {
    this.#handlers = handlers;
    this.#open = open;
  }

  start(): void {
    if (this.#source) return;
    const source = this.#open();
    this.#source = source;
    source.addEventListener('open', () => {
      this.#tries = 0;
      this.#handlers.line(true);
      if (this.#everOpen) this.#handlers.reopened();
      this.#everOpen = true;
    });
    source.addEventListener('job', (event) => read<Job>(event, this.#handlers.job));
    source.addEventListener('balance', (event) => read<Balance>(event, this.#handlers.balance));
    source.addEventListener('error', () => {
      this.#handlers.line(false);
      if (source.readyState !== closed) return;
      this.stop();
      // 1, 2, 4 … 30 seconds, so that a restarting server is not crowded.
      const wait = Math.min(30_000, 1000 * 2 ** this.#tries++);
      this.#timer = setTimeout(() => this.start(), wait);
    });
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }
}

function read<T>(event: MessageEvent<string>, give: (value: T) => void): void {
  try {
    give(JSON.parse(event.data) as T);
  } catch {
    // A damaged event is dropped: the next one carries the whole state again.
  }
}
