// A Worker for the tests: it verifies Access's token, echoes requests, and asks ClickHouse.
const bytes = (s) => Uint8Array.from(atob(s.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const json = (s) => JSON.parse(new TextDecoder().decode(bytes(s)));

async function verified(token, env) {
  const [header, claims, signature] = token.split(".");
  const { keys } = await (await fetch(env.ACCESS_TEAM + "/cdn-cgi/access/certs")).json();
  const jwk = keys.find((k) => k.kid === json(header).kid);
  const key = await crypto.subtle.importKey("jwk", jwk, { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, false, ["verify"]);
  const ok = await crypto.subtle.verify(key.algorithm, key, bytes(signature), new TextEncoder().encode(header + "." + claims));
  const c = json(claims);
  const now = Date.now() / 1000;
  if (!ok || c.iss !== env.ACCESS_TEAM || !c.aud.includes(env.ACCESS_AUD) || c.type !== "app" || c.nbf > now + 1 || c.exp < now) throw new Error("bad token");
  return c;
}

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    let claims;
    try {
      claims = await verified(request.headers.get("Cf-Access-Jwt-Assertion"), env);
    } catch (e) {
      return Response.json({ error: { code: "unauthenticated", message: String(e) } }, { status: 401 });
    }
    switch (url.pathname) {
      case "/api/echo":
        return Response.json({ url: request.url, method: request.method, body: await request.text(), headers: Object.fromEntries(request.headers), claims });
      case "/api/clickhouse": {
        const asked = fetch(env.CLICKHOUSE_URL + "/" + url.search, {
          method: "POST", body: await request.text(), signal: request.signal,
          headers: { "X-ClickHouse-User": env.CLICKHOUSE_USER, "X-ClickHouse-Key": env.CLICKHOUSE_PASSWORD },
        });
        return asked;
      }
      case "/api/elsewhere":
        try {
          return Response.json({ status: (await fetch(url.searchParams.get("url"))).status });
        } catch (e) {
          return Response.json({ error: String(e) });
        }
    }
    return new Response("none", { status: 404 });
  },
};
