// Package rules is the catalogue of Polo's rules: one file of SQL each, with a header that a program
// can read. A rule judges each resource of its types: it is violated, clean, or unknown, where what
// the rule needs was not read.
//
// The files are composed into the view rule_findings, which judges all resources by all rules in one
// pass; README.md beside this file describes them.
package rules
