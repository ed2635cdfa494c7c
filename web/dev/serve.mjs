// Serves the built pages with the mock behind them: node dev/serve.mjs [port]
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createMock } from './mock.mjs';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };

export function serve(options = {}, port = 0) {
  const mock = createMock(options);
  const server = createServer((request, response) => {
    mock(request, response, () => {
      const path = normalize(decodeURIComponent(new URL(request.url, 'http://mock.invalid').pathname));
      const file = join(dist, path);
      const found = path !== '/' && existsSync(file) && statSync(file).isFile() ? file : join(dist, 'index.html');
      response.writeHead(200, {
        'Content-Type': types[extname(found)] ?? 'application/octet-stream',
        // As strict as the pages can bear, so that nothing is built that a careful server would block.
        'Content-Security-Policy': "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'",
      });
      createReadStream(found).pipe(response);
    });
  });
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = await serve({}, Number(process.argv[2] ?? 4173));
  console.log(`http://127.0.0.1:${server.address().port}`);
}
