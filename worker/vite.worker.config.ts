import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The Worker: one ES module without dependencies, as workerd and Cloudflare load it. */
export default defineConfig({
  configFile: false,
  publicDir: false,
  ssr: { target: 'webworker', noExternal: true },
  build: {
    ssr: here('src/index.ts'),
    outDir: here('../build/worker'),
    emptyOutDir: false,
    target: 'es2023',
    minify: true,
    reportCompressedSize: false,
    rolldownOptions: { external: [/^cloudflare:/], output: { format: 'es', entryFileNames: 'worker.js', codeSplitting: false } },
  },
})
