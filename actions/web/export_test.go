package web

// RefusalStatus is for the test of the documentation.
var RefusalStatus = refusalStatus
