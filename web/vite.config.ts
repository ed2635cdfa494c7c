import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

// FLORIN_SERVER=http://127.0.0.1:8080 npm run dev works against a real server;
// without it the pages talk to the mock in dev/.
const server = process.env['FLORIN_SERVER'];

function mock(): Plugin {
  return {
    name: 'florin-mock',
    apply: 'serve',
    async configureServer(vite) {
      const { createMock } = await import('./dev/mock.mjs');
      vite.middlewares.use(createMock());
    },
  };
}

export default defineConfig({
  plugins: [svelte(), ...(server ? [] : [mock()])],
  // How long plugins took is no warning: on a busy machine it would be told in every build.
  build: { target: 'es2022', reportCompressedSize: true, chunkSizeWarningLimit: 600, rolldownOptions: { checks: { bundlerTimings: false } } },
  server: {
    proxy: server
      ? { '/api': server, '^/pictures/.+\\.(png|jpg)': server }
      : {},
  },
});
