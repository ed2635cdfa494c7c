// A walk is a chain of named steps; the first that fails ends it, with a picture of the page.
import { mkdirSync, writeFileSync } from 'node:fs';

export class Walk {
  steps = 0;
  problems = [];
  #begin = Date.now();

  /** Pictures and logs of a failure go into the folder. */
  constructor(folder) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** The page that a failure is a picture of. */
  watch(page) {
    this.page = page;
    page.on('pageerror', (error) => this.problems.push(`script error: ${error.message}`));
    page.on('console', (message) => {
      // Browsers report every 4xx; those that a step provokes are its own business.
      if (message.type() === 'error' && !/the server responded with a status of 4\d\d|net::ERR_/.test(message.text())) {
        this.problems.push(`console: ${message.text()}`);
      }
    });
    return page;
  }

  async step(name, act) {
    const begin = Date.now();
    try {
      await act();
      if (this.problems.length > 0) throw new Error(this.problems.join('\n'));
    } catch (error) {
      error.step = name;
      throw error;
    }
    this.steps++;
    if (process.env.E2E_VERBOSE) console.log(`${((Date.now() - begin) / 1000).toFixed(1).padStart(6)} s  ${name}`);
  }

  get seconds() {
    return ((Date.now() - this.#begin) / 1000).toFixed(0);
  }

  /** Tells which step failed and keeps what helps to see why. */
  async failed(error, log) {
    console.error(`browser test: "${error.step ?? 'start'}" failed after ${this.seconds} s\n${error.stack}`);
    if (this.page) await this.page.screenshot({ path: `${this.folder}/failed.png` }).catch(() => undefined);
    writeFileSync(`${this.folder}/server.log`, log ?? '');
    console.error(`see ${this.folder}/failed.png and server.log there`);
  }
}
