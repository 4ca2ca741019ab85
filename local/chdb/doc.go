// Package chdb runs the embedded ClickHouse: libchdb.so from an npm package, loaded by
// a child process of this same binary that serves the native protocol and HTTP on
// 127.0.0.1. A program that starts an Engine must call RunChild first in main (a test,
// in TestMain).
package chdb
