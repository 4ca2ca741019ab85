package alerts

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"polo/alerts/channel"
	"polo/envelope"
)

// due is a notification to send, and the status that it is about.
type due struct {
	Notification
	status Status
}

// book has the last notification of each transition, by episode and channel.
type book map[string]map[string]map[Transition]Notification

func newBook(all []Notification) book {
	b := book{}
	for _, n := range all {
		b.put(n)
	}
	return b
}

// put adds a notification in place of the one before it.
func (b book) put(n Notification) {
	if b[n.Episode] == nil {
		b[n.Episode] = map[string]map[Transition]Notification{}
	}
	if b[n.Episode][n.Channel] == nil {
		b[n.Episode][n.Channel] = map[Transition]Notification{}
	}
	b[n.Episode][n.Channel][n.Transition] = n
}

// last returns the last notification of a transition.
func (b book) last(episode, channel string, t Transition) (n Notification, ok bool) {
	n, ok = b[episode][channel][t]
	return n, ok
}

// key returns what a receiver on the channel knows an episode by; empty if it was never told of it.
func (b book) key(episode, channel string) string { return b[episode][channel][TellFiring].MessageKey }

// due returns the notifications to send at a time: those of the statuses that are not sent yet, and reminders. Silenced are those that a
// silence newly withholds. All are marked as repeated if what earlier runs sent is not known.
func (r *Runner) due(m memory, at time.Time, unknown bool) (send, silenced []due) {
	b := m.book
	for _, s := range append(sortedStatuses(m.statuses), m.ends...) {
		if s.Episode() == "" {
			continue
		}
		quiet := slices.ContainsFunc(m.silences, func(x Silence) bool { return x.Holds(s.Subject, at) })
		for _, n := range r.dueOf(s, b, at) {
			known, stated := b.last(n.Episode, n.Channel, n.Transition)
			stated = stated && known.Repetition == n.Repetition
			// Intended without an end: its run ended between, perhaps after it sent.
			n.Uncertain = unknown || stated && (known.Delivery == Intended || known.Uncertain) //mutant:dead-runs-are-trusted,intended-is-forgotten
			n.Changed = r.after(known.Changed)
			switch {
			case quiet && stated && known.Delivery == Silenced:
			case quiet:
				n.Delivery, n.MessageKey = Silenced, b.key(n.Episode, n.Channel)
				silenced = append(silenced, due{n, s})
			default:
				n.Delivery, n.Marked = Intended, n.Uncertain
				send = append(send, due{n, s})
			}
		}
	}
	return send, silenced
}

// dueOf returns the notifications of one status that ought to be sent now, silences aside.
func (r *Runner) dueOf(s Status, b book, at time.Time) []Notification {
	var out []Notification
	tell := func(channel string, t Transition, when time.Time, repetition int) {
		out = append(out, Notification{
			Alert: s.Alert, Fingerprint: s.ID, Episode: s.Episode(), Time: when, Transition: t, Channel: channel, Repetition: repetition,
		})
	}
	target := r.cfg.Routes.For(s.Alert, s.Severity, labelMap(s.Subject))
	channels := target.Channels
	if s.State == Resolved || s.State == Recovering { // who was told is told the end, wherever alerts go now
		for channel := range b[s.Episode()] {
			if !slices.Contains(channels, channel) && r.cfg.Channels[channel] != nil {
				channels = append(slices.Clone(channels), channel)
			}
		}
		slices.Sort(channels)
	}
	repeat := cmp.Or(target.Repeat, r.repeat(s.Alert))
	for _, channel := range channels {
		told, known := b.last(s.Episode(), channel, TellFiring)
		ended, endStated := b.last(s.Episode(), channel, TellResolved)
		switch {
		case s.State == Resolved && endStated && ended.Delivery == Sent:
		case s.State == Resolved && known && told.Delivery == Silenced && told.Repetition == 0: // nobody knows that it began
		case s.State == Resolved:
			if !known || told.Delivery != Sent && told.Repetition == 0 { // it ended before it could be told
				tell(channel, TellFiring, s.Fired, 0)
			}
			tell(channel, TellResolved, s.Since, 0)
		case !known:
			tell(channel, TellFiring, s.Fired, 0)
		case told.Delivery == Intended || told.Delivery == Failed || told.Delivery == Silenced && s.State != Recovering:
			tell(channel, TellFiring, s.Fired, told.Repetition)
		case s.State != Recovering && told.Delivery == Sent && repeat > 0 && !at.Before(told.Changed.Add(repeat-r.cfg.Interval/2)): // it was sent a little after its evaluation
			tell(channel, TellFiring, s.Fired, told.Repetition+1)
		}
	}
	return out
}

// group is the notifications of one message.
type group struct {
	// key is what receivers deduplicate by, id the message's own.
	channel, key, id string
	all              []due
	// message is made when all groups are known.
	message channel.Message
}

// most groups of one alert on one channel that are told one by one; more are one message.
const mostGroups = 10

// groups joins notifications to messages: by what receivers know the episodes by already, and else by the labels that the alert groups by.
func (r *Runner) groups(all []due, b book) []group {
	type place struct {
		channel, alert, key string
		// fresh reports that its receivers do not know the episode yet.
		fresh bool
	}
	byKey := map[place][]due{}
	fresh := map[[2]string]int{} // how many new keys a channel and alert have
	for _, d := range all {
		p := place{channel: d.Channel, alert: d.Alert, key: b.key(d.Episode, d.Channel)}
		if p.key == "" {
			p.key, p.fresh = r.groupKey(d.status.Subject), true
		}
		if p.fresh && byKey[p] == nil {
			fresh[[2]string{d.Channel, d.Alert}]++
		}
		byKey[p] = append(byKey[p], d)
	}
	joined := map[place][]due{}
	for p, of := range byKey {
		if p.fresh && fresh[[2]string{p.channel, p.alert}] > mostGroups { //mutant:storms-are-told-one-by-one
			p.key = envelope.NewEventID(Source, time.UnixMilli(0), "storm", p.alert).String()
		}
		p.fresh = false
		joined[p] = append(joined[p], of...)
	}
	var out []group
	for p, of := range joined {
		slices.SortFunc(of, func(a, b due) int {
			return cmp.Or(compareStatus(a.status, b.status), cmp.Compare(a.Transition, b.Transition), cmp.Compare(a.Repetition, b.Repetition))
		})
		out = append(out, group{channel: p.channel, key: p.key, id: messageID(p.channel, of), all: of})
	}
	slices.SortFunc(out, func(a, b group) int { return cmp.Or(cmp.Compare(a.channel, b.channel), cmp.Compare(a.key, b.key)) })
	return out
}

// messageID is the id of a message: the same for the same notifications.
func messageID(channel string, all []due) string {
	identity := []string{"message", channel}
	for _, d := range all {
		identity = append(identity, d.ID())
	}
	return envelope.NewEventID(Source, time.UnixMilli(0), identity...).String()
}

// groupKey is what receivers deduplicate the messages about a subject by.
func (r *Runner) groupKey(s Subject) string {
	identity := []string{"group", s.Alert, string(s.On)}
	for _, label := range r.groupBy(s.Alert) {
		identity = append(identity, label, s.Label(label))
	}
	return envelope.NewEventID(Source, time.UnixMilli(0), identity...).String()
}

// after returns the present, or a moment after the last statement of a fact, so that the later counts.
func (r *Runner) after(last time.Time) time.Time {
	now := r.now()
	if !now.After(last) {
		return last.Add(time.Millisecond)
	}
	return now
}

func sortedStatuses(all map[string]Status) []Status {
	var out []Status
	for _, s := range all {
		out = append(out, s)
	}
	slices.SortFunc(out, compareStatus)
	return out
}

func compareStatus(a, b Status) int {
	if c := cmp.Or(strings.Compare(a.Alert, b.Alert), strings.Compare(string(a.On), string(b.On))); c != 0 {
		return c
	}
	for i := range min(len(a.Labels), len(b.Labels)) {
		if c := strings.Compare(a.Labels[i].Value, b.Labels[i].Value); c != 0 {
			return c
		}
	}
	return strings.Compare(a.ID, b.ID)
}

func labelMap(s Subject) map[string]string {
	out := map[string]string{}
	for _, l := range s.Labels {
		out[l.Name] = l.Value
	}
	return out
}
