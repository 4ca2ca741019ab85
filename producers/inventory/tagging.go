package inventory

// sweepType stands for every type: the sweep's items are of whatever type their ARN is.
const sweepType = "*"
