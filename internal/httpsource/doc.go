// Package httpsource asks the HTTP APIs of sources whose SDKs Polo does not use. One
// client serves a credential: it counts its requests, keeps to its limits, waits as the
// source asks, tries again, bounds what it reads, and says why an answer is none.
package httpsource
