package main

import "slices"

// Packages with tests.
const (
	faults        = "./integration/faults"
	integration   = "./integration"
	unit          = "./consumer"
	dlqReplay     = "./dlq-replay"
	localSQS      = "./local/sqsserver"
	localEngine   = "./local/chdb"
	localStack    = "./local/stack"
	localPolo     = "./cmd/polo"
	localQueries  = "./schema/queries"
	localRules    = "./schema/rules"
	producersUnit = "./producers"
)

// mutants returns all mutants, by the part that they break.
func mutants() []mutant {
	return slices.Concat(consumerMutants(), clickhouseMutants(), queueMutants(), envelopeMutants(), schemaMutants(), replayMutants(), boundMutants(), inputMutants(), clusterMutants(),
		columnMutants(), stackMutants(), catalogueMutants(), queryMutants(), ruleMutants(),
		redactMutants(), alertMutants(), actionMutants())
}
