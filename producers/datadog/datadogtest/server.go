// Package datadogtest is a stateful fake of Datadog's API, as far as Polo asks it.
package datadogtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// The keys that a server takes.
const (
	APIKey         = "key-of-the-api"
	ApplicationKey = "key-of-the-application"
)

// State is what a server answers of.
type State struct {
	// Organisations are public ids; the first is the parent's.
	Organisations []string
	// Final is what months ("2006-01") have cost; Estimates what they have cost since their
	// 1st by the end of days ("2006-01-02"). Both may be restated.
	Final, Estimates map[string][]Charge
	// Usage is answered in this order, null values too.
	Usage []Measurement
	// TagConfig is the configuration of attribution, "Acme:::team///project". CostByTag and
	// UsageByTag are by month.
	TagConfig             string
	CostByTag, UsageByTag map[string][]Attributed
	// Hosts, Monitors, Dashboards and Tests are the items of lists, as JSON; Audit are the
	// events of the audit trail by time.
	Hosts, Monitors, Dashboards, Tests []string
	Audit                              []Event
	// Promised is how many hosts more are promised than there are.
	Promised int
	// MaxPage bounds all pages, if it is not 0.
	MaxPage int
	// Refused has the status of paths that are refused.
	Refused map[string]int
	// Fault, if set, may answer the n-th request of a path, from 1, in place of the server: it
	// does so with a status that is not 0.
	Fault func(path string, n int) (status int, body string)
	// Limit is how many requests are answered in a Period, if it is not 0.
	Limit  int
	Period time.Duration
}

// Charge is a part of what an organisation has cost: a JSON number of dollars.
type Charge struct{ Organisation, Product, Type, Cost string }

// Measurement is what an organisation used in an hour. Value is a JSON number, or null.
type Measurement struct {
	Hour                       time.Time
	Organisation, Family, Type string
	Value                      string
}

// Attributed is what an organisation has under some values of tags: JSON numbers by field.
type Attributed struct {
	Organisation string
	Tags         map[string][]string
	Values       map[string]string
}

// Event is an event of the audit trail: JSON of its inner attributes.
type Event struct {
	ID, Attributes string
	At             time.Time
}

// Server is the API. Its zero value answers with nothing in it.
type Server struct {
	mu    sync.Mutex
	state State
	// asked counts requests by path; inPeriod those since began.
	asked    map[string]int
	inPeriod int
	began    time.Time
}

var _ http.Handler = (*Server)(nil)

// New returns a server.
func New(s State) *Server { return &Server{state: s} }

// Change changes what it answers.
func (s *Server) Change(change func(*State)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.state)
}

// Asked returns how many requests there were, by path.
func (s *Server) Asked() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := map[string]int{}
	for path, n := range s.asked {
		asked[path] = n
	}
	return asked
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked == nil {
		s.asked = map[string]int{}
	}
	s.asked[r.URL.Path]++
	w.Header().Set("Content-Type", "application/json")
	switch {
	case r.Header.Get("DD-API-KEY") != APIKey || r.Header.Get("DD-APPLICATION-KEY") != ApplicationKey:
		refuse(w, http.StatusForbidden, "Forbidden")
	case !s.limited(w):
		refuse(w, http.StatusTooManyRequests, "Rate limit of your organization exceeded")
	case s.state.Refused[r.URL.Path] != 0:
		refuse(w, s.state.Refused[r.URL.Path], http.StatusText(s.state.Refused[r.URL.Path]))
	case s.fault(w, r.URL.Path):
	default:
		answer, known := answers()[r.URL.Path]
		if !known || r.Method != http.MethodGet {
			refuse(w, http.StatusNotFound, "Not Found")
			return
		}
		body, err := answer(&s.state, r.URL.Query())
		if err != nil {
			refuse(w, http.StatusBadRequest, err.Error())
			return
		}
		_, _ = w.Write(body)
	}
}

// fault answers a request by the state's Fault, and reports whether it did.
func (s *Server) fault(w http.ResponseWriter, path string) bool {
	if s.state.Fault == nil {
		return false
	}
	status, body := s.state.Fault(path, s.asked[path])
	if status == 0 {
		return false
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
	return true
}

// limited counts a request, states the limit, and reports whether the request keeps to it.
func (s *Server) limited(w http.ResponseWriter) bool {
	if s.state.Limit == 0 {
		return true
	}
	if now := time.Now(); now.Sub(s.began) >= s.state.Period {
		s.began, s.inPeriod = now, 0
	}
	s.inPeriod++
	reset := time.Until(s.began.Add(s.state.Period))
	for name, n := range map[string]int{
		"X-RateLimit-Limit": s.state.Limit, "X-RateLimit-Remaining": max(0, s.state.Limit-s.inPeriod),
		"X-RateLimit-Period": int(s.state.Period.Seconds()), "X-RateLimit-Reset": int(reset.Seconds()) + 1,
	} {
		w.Header().Set(name, strconv.Itoa(n))
	}
	return s.inPeriod <= s.state.Limit
}

func refuse(w http.ResponseWriter, status int, text string) {
	w.WriteHeader(status)
	body, err := json.Marshal(map[string][]string{"errors": {text}})
	if err != nil {
		body = []byte(`{}`)
	}
	_, _ = fmt.Fprintf(w, "%s", body)
}
