// Package queries is the catalogue of Polo's named queries: one file of SQL each, with a header that
// a program can read. It validates the values of their parameters and runs them.
//
// ClickHouse's typing of parameters is no validation: {t:Date} takes 2026-13-45 as 1970-01-01 and
// {n:UInt8} takes 300 as 44. So whoever runs a query binds its values here first. Values reach
// ClickHouse as parameters of the query only, never as a part of its text. README.md beside this
// file describes the header.
package queries
