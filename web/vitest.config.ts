import { defineConfig } from 'vitest/config';

// The logic under test is plain TypeScript, so no Svelte plugin and no browser are needed.
export default defineConfig({
  test: { include: ['tests/**/*.test.ts'], environment: 'node', reporters: ['dot'] },
});
