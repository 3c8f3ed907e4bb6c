import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Builds into `dashboard/dist`, which the gate serves at `/`. Nothing is inlined: the page's policy forbids it. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react()],
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  // `npx vite dashboard` with a gate of development mode beside it.
  server: { proxy: { '/v1': 'http://127.0.0.1:8000' } },
});
