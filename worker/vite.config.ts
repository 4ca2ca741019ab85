import { svelte } from '@sveltejs/vite-plugin-svelte'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { catalogue, choices } from './app/catalogue-plugin.ts'
import { rules } from './app/rules-plugin.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The application. What it needs of the API in development: POLO_DEV_API, the address of a dashboard that runs. */
export default defineConfig({
  root: here('app'),
  plugins: [
    catalogue(here('src/catalogue.json')),
    choices(here('src/catalogue.json')),
    rules(here('../schema/rules')),
    svelte({
      configFile: false,
      // Cards on narrow screens give a table another display, which takes its roles away unless they are told.
      compilerOptions: { runes: true, warningFilter: (warning) => warning.code !== 'a11y_no_redundant_roles' },
    }),
  ],
  resolve: { alias: { $lib: here('app/src/lib'), $ui: here('app/src/components'), $charts: here('app/src/charts') } },
  server: { proxy: process.env.POLO_DEV_API ? { '/api': { target: process.env.POLO_DEV_API, changeOrigin: true } } : undefined },
  build: {
    outDir: here('../build/worker/assets'),
    emptyOutDir: true,
    assetsDir: '_app', // public/_headers lets browsers keep what is there for ever
    assetsInlineLimit: 0, // the Content-Security-Policy has no data: but for images
    target: ['chrome123', 'firefox121', 'safari17.5'], // the first with light-dark()
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
})
