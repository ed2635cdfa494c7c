// Starts the built program as a person does, on a free port of the loopback, and ends it by its own id.
import { execFileSync, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const florin = process.env.FLORIN_BIN ?? `${root}bin/florin`;

// Settings of this machine must not reach the program under test.
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('FLORIN_')));

/** Runs a command of florin to its end and gives what it printed. */
export function command(...args) {
  return execFileSync(florin, args, { env, encoding: 'utf8' });
}

/** A running `florin serve`; `said` is its standard error so far. */
export class Server {
  said = '';

  static async start(options) {
    const server = new Server();
    const args = ['serve', '--json', '--data', options.data, '--listen', options.listen ?? '127.0.0.1:0', '--catalog', options.catalog];
    server.child = spawn(florin, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    server.ended = new Promise((resolve) => server.child.once('exit', (code, signal) => resolve(code ?? signal)));
    server.child.stderr.setEncoding('utf8').on('data', (text) => (server.said += text));
    const line = await Promise.race([
      new Promise((resolve) => {
        let text = '';
        server.child.stdout.setEncoding('utf8').on('data', (part) => {
          text += part;
          if (text.includes('\n')) resolve(text);
        });
      }),
      server.ended.then(() => ''),
    ]);
    if (line === '') throw new Error(`florin serve ended with ${await server.ended}: ${server.said}`);
    const told = JSON.parse(line);
    server.url = told.url;
    server.setupURL = told.setup_url;
    return server;
  }

  /** Waits until the log has the words. */
  async says(words) {
    while (!this.said.includes(words)) {
      await new Promise((resolve) => this.child.stderr.once('data', resolve));
    }
  }

  signal(name) {
    this.child.kill(name);
  }

  /** Ends the server and gives its exit code. */
  async stop() {
    this.child.kill('SIGTERM');
    return this.ended;
  }
}
