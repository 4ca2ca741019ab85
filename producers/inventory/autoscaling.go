package inventory

// Auto Scaling publishes no limits; this is modest, so that others have room.
const (
	autoscalingPerSecond = 5
	autoscalingBurst     = 20
	autoscalingPage      = 100
)

func autoscalingRate() rates { return each(autoscalingPerSecond, autoscalingBurst) }
