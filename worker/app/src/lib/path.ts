/** The path of an address as links use it. Browsers take what begins with // as another host, so that links would leave the site. */
export function pathOf({ pathname }: { pathname: string }): string {
  return pathname.replace(/^\/+/, '/')
}

/** Decodes a part of a path. Null for one that somebody typed and that is no encoding: %zz. */
export function decodePart(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}
