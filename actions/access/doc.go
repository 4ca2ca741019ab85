// Package access says who calls the Action Lambda. A request needs two proofs: the person's
// token of Cloudflare Access, and the Worker's signature over the request and that token.
// Neither a stolen token nor a stolen key is enough. It uses the standard library's
// cryptography alone.
package access
