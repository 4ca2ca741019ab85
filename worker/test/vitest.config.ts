import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'
import { compatibility } from './fakes/compatibility.ts'

const { date, flags } = compatibility()

// The cases that `POLO_BOUND_CASES=FILE go test -count=1 ./schema/queries -run TestBoundCases` wrote.
const cases = process.env.POLO_BOUND_CASES

export default defineConfig({
  test: {
    testTimeout: 15_000,
    projects: [
      {
        // The Worker and its tests in one isolate of workerd, without a network.
        plugins: [cloudflareTest({ miniflare: { compatibilityDate: date, compatibilityFlags: flags, outboundService: () => { throw new Error('a test reached for the network') } } })],
        test: { name: 'inside', include: ['inside/*.test.ts'], provide: { boundCases: cases ? readFileSync(cases, 'utf8') : '' } },
      },
      // What of the application is arithmetic.
      { resolve: { alias: { $lib: fileURLToPath(new URL('../app/src/lib', import.meta.url)) } }, test: { name: 'app', include: ['app/*.test.ts'] } },
      // workerd as a server, and what it talks to, over loopback.
      { test: { name: 'http', include: ['http/*.test.ts'] } },
    ],
  },
})
