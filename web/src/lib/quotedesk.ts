// Asks for prices while somebody turns knobs: waits until they rest, drops answers that
// are no longer asked for, and keeps the last price to show until the next arrives.
// The price itself is always the server's.
import { Problem } from './problem';
import type { Quote, QuoteRequest } from './types';

export interface QuoteState {
  /** The last price that was true; stays while a newer one is on its way. */
  quote: Quote | null;
  /** The settings that `quote` answers. */
  request: QuoteRequest | null;
  /** Why the present settings have no price. */
  problem: Problem | null;
  /** True from a change of settings until their answer. */
  stale: boolean;
}

export interface QuoteDeskOptions {
  ask: (request: QuoteRequest, signal: AbortSignal) => Promise<Quote>;
  show: (state: QuoteState) => void;
  /** Milliseconds of rest before asking. */
  wait?: number;
}

export class QuoteDesk {
  #options: QuoteDeskOptions;
  #state: QuoteState = { quote: null, request: null, problem: null, stale: false };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #flight: AbortController | undefined;
  #wanted: QuoteRequest | null = null;

  constructor(options: QuoteDeskOptions) {
    this.#options = options;
  }

  get state(): QuoteState {
    return this.#state;
  }

  /** Settings changed. Asks at once for the first price, later ones after a rest. */
  want(request: QuoteRequest): void {
    if (this.#wanted && same(this.#wanted, request)) return;
    const first = this.#wanted === null;
    this.#wanted = request;
    this.#drop();
    if (this.#state.request && same(this.#state.request, request) && !this.#state.problem) {
      this.#set({ ...this.#state, stale: false });
      return;
    }
    this.#set({ ...this.#state, stale: true });
    this.#timer = setTimeout(() => void this.#fetch(), first ? 0 : (this.#options.wait ?? 120));
  }

  /** Asks again for the same settings: the balance changed, or the quote was used or ran out. */
  refresh(): void {
    if (!this.#wanted) return;
    this.#drop();
    this.#set({ ...this.#state, stale: true });
    this.#timer = setTimeout(() => void this.#fetch(), 0);
  }

  /** The settings cannot be priced (a field is empty or out of range): shows none as current. */
  clear(): void {
    this.#drop();
    this.#wanted = null;
    this.#set({ ...this.#state, problem: null, stale: true });
  }

  /** The quote that binds for these settings at this instant, if there is one. */
  binding(request: QuoteRequest, now: number): Quote | null {
    const { quote, request: priced, stale, problem } = this.#state;
    if (!quote || !priced || stale || problem || !same(priced, request)) return null;
    return Date.parse(quote.expires_at) > now ? quote : null;
  }

  stop(): void {
    this.#drop();
  }

  async #fetch(): Promise<void> {
    const request = this.#wanted;
    if (!request) return;
    const flight = new AbortController();
    this.#flight = flight;
    try {
      const quote = await this.#options.ask(request, flight.signal);
      if (flight.signal.aborted) return;
      this.#set({ quote, request, problem: null, stale: false });
    } catch (error) {
      if (flight.signal.aborted) return;
      const problem = error instanceof Problem ? error : new Problem(0, { detail: String(error) });
      this.#set({ ...this.#state, problem, stale: false });
    }
  }

  #drop(): void {
    clearTimeout(this.#timer);
    this.#flight?.abort();
    this.#flight = undefined;
  }

  #set(state: QuoteState): void {
    this.#state = state;
    this.#options.show(state);
  }
}

export function same(a: QuoteRequest, b: QuoteRequest): boolean {
  return fingerprint(a) === fingerprint(b);
}

/** A text that is the same for requests that cost the same for the same reasons. */
export function fingerprint(r: QuoteRequest): string {
  return [r.pipeline, r.operation, r.images, r.width, r.height, r.references || 0, r.elements || 0, r.prompt_magic ?? ''].join('|');
}
