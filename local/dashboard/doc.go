// Package dashboard serves the dashboard on this machine as Cloudflare does: a front door on 127.0.0.1
// that signs people in and serves the application, the Worker in a workerd of its own behind it for
// /api/, and an issuer that plays Cloudflare Access, whose tokens the Worker verifies.
package dashboard
