import react from '@vitejs/plugin-react';
import { defineConfig, type HtmlTagDescriptor, type Plugin } from 'vite';

const SHARED =
  /react|dashboard\/src\/(parts|data|route|pages\/(health-label|limit-meters|message-(filter|search)))/;

/** The gate whose API the development server passes on, for `npm run dev:dashboard`. */
const GATE = process.env['POSTERN_URL'] ?? 'http://127.0.0.1:8000';

/** Builds into `dashboard/dist`, which the gate serves at `/`. Nothing is inlined: the page's policy forbids it. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react(), preloadPage('pages/overview.tsx')],
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      checks: { pluginTimings: false },
      output: {
        // What several pages share is small: one file of it, rather than ten.
        codeSplitting: { groups: [{ name: 'shared', test: SHARED }] },
      },
    },
  },
  cacheDir: '../node_modules/.cache/vite',
  server: {
    // The gate signs in everybody who can reach a development server on its own machine.
    host: '127.0.0.1',
    // A gate behind a reverse proxy is found by its name; any other sees the name that the browser used.
    proxy: { '^/(v1|docs|openapi\\.json|inbox)': { target: GATE, changeOrigin: GATE.startsWith('https:') } },
  },
});

/** Has the code of the page that is usually the first one fetched along with that of the frame around it. */
function preloadPage(module: string): Plugin {
  return {
    name: 'preload-page',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle = {} }) {
        const chunks = Object.values(bundle).filter(file => file.type === 'chunk');
        const page = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith(module));
        if (page === undefined) return [];
        const scripts = [page.fileName, ...page.imports].filter(file => !html.includes(file));
        return [
          ...scripts.map(file => link({ rel: 'modulepreload', href: `./${file}` })),
          ...[...(page.viteMetadata?.importedCss ?? [])].map(file =>
            link({ rel: 'preload', as: 'style', href: `./${file}` }),
          ),
        ];
      },
    },
  };
}

function link(attrs: Record<string, string>): HtmlTagDescriptor {
  return { tag: 'link', attrs: { crossorigin: true, ...attrs }, injectTo: 'head' };
}
