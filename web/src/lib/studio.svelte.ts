// Everything the pages share: who is signed in, the balance, the catalog, the jobs, the
// server's time and the event stream that keeps them true.
import { api } from './api';
import { news, take, takeAll } from './feed';
import { Live } from './live';
import { go } from './navigation.svelte';
import { Problem } from './problem';
import { fit, restore, type Settings } from './settings';
import type { Balance, Catalog, Info, Job, Me, Picture } from './types';

const settingsKey = 'florin.settings';
const firstPage = 12;

class Studio {
  info = $state.raw<Info | null>(null);
  me = $state.raw<Me | null>(null);
  balance = $state.raw<Balance | null>(null);
  catalog = $state.raw<Catalog | null>(null);
  jobs = $state.raw<readonly Job[]>([]);
  jobsCursor = $state.raw<string | null>(null);
  jobsLoaded = $state(false);
  /** The gallery as far as it has been paged; null before its first page. */
  pictures = $state.raw<readonly Picture[] | null>(null);
  picturesCursor = $state.raw<string | null>(null);
  settings = $state<Settings>(restore(read(settingsKey)));
  lineUp = $state(true);
  /** The server's present in ms; ticks once a second. Under a virtual clock it is that clock's. */
  now = $state(Date.now());
  /** Read out by screen readers. */
  said = $state('');
  /** A passing message at the foot of the page. */
  notice = $state.raw<{ text: string; bad: boolean } | null>(null);
  paletteOpen = $state(false);
  helpOpen = $state(false);

  #offset = 0;
  #noticeTimer: ReturnType<typeof setTimeout> | undefined;
  #live = new Live(
    {
      job: (job) => this.takeJob(job),
      balance: (balance) => this.takeBalance(balance),
      reopened: () => void this.refresh(),
      line: (up) => (this.lineUp = up),
    },
    () => new EventSource('/api/v1/events'),
  );

  constructor() {
    setInterval(() => (this.now = Date.now() + this.#offset), 1000);
    // Browsers allow six connections to a host: a tab long out of sight gives its own back.
    let away: ReturnType<typeof setTimeout> | undefined;
    document.addEventListener('visibilitychange', () => {
      clearTimeout(away);
      if (!this.me) return;
      if (document.hidden) away = setTimeout(() => this.#live.stop(), 300_000);
      else this.#live.start();
    });
  }

  async start(): Promise<void> {
    this.info = await api.info();
    this.#setTime(this.info.now);
    if (this.info.setup_needed) return;
    try {
      await this.enter(await api.me());
    } catch (error) {
      if (!(error instanceof Problem && error.status === 401)) throw error;
    }
  }

  async enter(me: Me): Promise<void> {
    this.me = me;
    if (this.info?.setup_needed) this.info = { ...this.info, setup_needed: false };
    // The stream first: what happens while the lists load then arrives through it.
    this.#live.start();
    await Promise.all([
      api.catalog().then((catalog) => {
        this.catalog = catalog;
        this.settings = fit(this.settings, catalog);
      }),
      this.refresh(),
    ]);
  }

  /** Reads anew who is signed in and what wants looking after. */
  async look(): Promise<void> {
    this.me = await api.me();
  }

  async leave(): Promise<void> {
    await api.signOut();
    this.forget();
    go('/sign-in');
  }

  /** The session ended, here or elsewhere: nothing of it stays on the page. */
  forget(): void {
    this.#live.stop();
    this.me = null;
    this.balance = null;
    this.jobs = [];
    this.jobsLoaded = false;
    this.pictures = null;
    this.picturesCursor = null;
  }

  async refresh(): Promise<void> {
    const [balance, page] = await Promise.all([api.balance(), api.jobs(firstPage)]);
    this.takeBalance(balance);
    this.jobs = takeAll(this.jobs, page.jobs ?? []);
    if (!this.jobsLoaded) this.jobsCursor = page.next_cursor ?? null;
    this.jobsLoaded = true;
  }

  async moreJobs(): Promise<void> {
    if (!this.jobsCursor) return;
    const page = await api.jobs(firstPage, this.jobsCursor);
    this.jobs = takeAll(this.jobs, page.jobs ?? []);
    this.jobsCursor = page.next_cursor ?? null;
  }

  async morePictures(): Promise<void> {
    if (this.pictures !== null && !this.picturesCursor) return;
    const page = await api.pictures(40, this.picturesCursor);
    const held = this.pictures ?? [];
    const known = new Set(held.map((picture) => picture.id));
    this.pictures = [...held, ...(page.pictures ?? []).filter((picture) => !known.has(picture.id))];
    this.picturesCursor = page.next_cursor ?? null;
  }

  takeJob(job: Job): void {
    const before = this.jobs.find((held) => held.id === job.id);
    const jobs = take(this.jobs, job);
    if (jobs === this.jobs) return;
    this.jobs = jobs;
    const text = news(before, job);
    if (text) this.said = text;
    if (this.pictures) {
      const known = new Set(this.pictures.map((picture) => picture.id));
      const fresh = (job.pictures ?? []).filter((picture) => !known.has(picture.id));
      if (fresh.length > 0) this.pictures = [...fresh.toReversed(), ...this.pictures];
    }
  }

  /** A picture was deleted: no list shows it any more. */
  dropPicture(id: string): void {
    this.pictures = this.pictures?.filter((picture) => picture.id !== id) ?? null;
    this.jobs = this.jobs.map((job) =>
      job.pictures?.some((picture) => picture.id === id) ? { ...job, pictures: job.pictures.filter((picture) => picture.id !== id) } : job,
    );
  }

  takeBalance(balance: Balance): void {
    this.#setTime(balance.now);
    this.balance = balance;
  }

  use(settings: Settings): void {
    this.settings = this.catalog ? fit(settings, this.catalog) : settings;
    if (location.pathname !== '/') go('/');
    this.say('Settings taken over.');
  }

  remember(settings: Settings): void {
    write(settingsKey, JSON.stringify(settings));
  }

  say(text: string, bad = false): void {
    clearTimeout(this.#noticeTimer);
    this.notice = { text, bad };
    this.#noticeTimer = setTimeout(() => (this.notice = null), bad ? 7000 : 3000);
  }

  /** A failure nobody nearer could explain. A lost session leads back to the sign-in page. */
  report(error: unknown): void {
    if (error instanceof Problem && error.status === 401 && this.me) {
      this.forget();
      go(`/sign-in?to=${encodeURIComponent(location.pathname)}`);
      return;
    }
    this.say(error instanceof Error ? error.message : String(error), true);
  }

  #setTime(server: string): void {
    const at = Date.parse(server);
    if (Number.isNaN(at)) return;
    this.#offset = at - Date.now();
    this.now = at;
  }
}

export function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function write(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Storage may be switched off or full; the choice then lasts as long as the page.
  }
}

export const studio = new Studio();

export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    studio.say(`${what} copied.`);
  } catch {
    studio.say('The browser did not allow copying. Select the text and copy it by hand.', true);
  }
}
