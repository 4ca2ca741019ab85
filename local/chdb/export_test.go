package chdb

// OwnerMayStopListening returns o with an owner that can close the engine's ports.
func OwnerMayStopListening(o Options) Options {
	o.ownerMayStopListening = true
	return o
}
