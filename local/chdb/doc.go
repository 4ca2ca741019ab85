// Package chdb runs the embedded ClickHouse: the libchdb.so that an npm
// package carries, loaded by a child process of this very binary and serving
// the native protocol and HTTP on 127.0.0.1. A program that starts an Engine
// calls RunChild first thing in main (a test, in TestMain).
package chdb
