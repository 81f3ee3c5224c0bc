import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    // These know light-dark() in CSS and top-level await; control rooms run current browsers.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    // Nothing inline: the policy of the page allows files of this server only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The map library is one piece and is loaded after the list.
    chunkSizeWarningLimit: 1_500,
  },
  worker: { format: 'es' },
});
