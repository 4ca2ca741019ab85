package schema_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// costSeries is what one service of one account cost on each of seriesDays days.
type costSeries struct {
	account, service string
	cost             []float64
	planted          []planted
}

// planted is an anomaly put into a series on purpose: days first to last.
type planted struct {
	kind        string
	first, last int
}

const (
	// seriesDays is how long each series is, and judgedFrom the first of its days on which anomalies are planted.
	seriesDays, judgedFrom = 180, 122
)

// seriesStart is the first day of every series.
var seriesStart = time.Date(2025, 9, 3, 0, 0, 0, 0, time.UTC)

// monthDay returns the day of the month of the nth day.
func monthDay(n int) int { return seriesStart.AddDate(0, 0, n).Day() }

// seriesKinds are the ways in which series are made, before anything is planted in them.
var seriesKinds = []struct {
	name string
	make func(r *rand.Rand) []float64
}{
	{"weekly", func(r *rand.Rand) []float64 { return weekly(r, 0, between(r, 0.02, 0.1)) }},
	{"trend", func(r *rand.Rand) []float64 { return weekly(r, between(r, -0.003, 0.008), between(r, 0.02, 0.08)) }},
	{"fees", func(r *rand.Rand) []float64 {
		out, fee := weekly(r, 0, between(r, 0.02, 0.08)), 0.0
		fee = mean(out) * between(r, 1, 20)
		for i := range out {
			if monthDay(i) == 1 {
				out[i] += fee
			}
		}
		return out
	}},
	{"subscription", func(r *rand.Rand) []float64 {
		out := make([]float64, seriesDays)
		on, price := 1+r.IntN(28), level(r)
		for i := range out {
			if monthDay(i) == on {
				out[i] = price
			}
		}
		return out
	}},
	{"lognormal", func(r *rand.Rand) []float64 {
		out, sigma := weekly(r, 0, 0), between(r, 0.1, 0.5)
		for i := range out {
			out[i] *= math.Exp(sigma * r.NormFloat64())
		}
		return out
	}},
	{"wandering", func(r *rand.Rand) []float64 {
		out, log := weekly(r, 0, 0.02), 0.0
		for i := range out {
			log = 0.95*log + 0.05*r.NormFloat64()
			out[i] *= math.Exp(log)
		}
		return out
	}},
	{"batch", func(r *rand.Rand) []float64 {
		out, price, often := make([]float64, seriesDays), level(r), between(r, 0.1, 0.7)
		for i := range out {
			if r.Float64() < often {
				out[i] = price * (1 + 0.1*r.NormFloat64())
			}
		}
		return out
	}},
	{"periodic", func(r *rand.Rand) []float64 {
		out, price, every := make([]float64, seriesDays), level(r), []int{2, 3, 7, 10, 14}[r.IntN(5)]
		for i := range out {
			out[i] = price / 20
			if i%every == 0 {
				out[i] = price * (1 + 0.05*r.NormFloat64())
			}
		}
		return out
	}},
	{"working days", func(r *rand.Rand) []float64 {
		out, price, noise := make([]float64, seriesDays), level(r), between(r, 0.02, 0.15)
		for i := range out {
			if i%7 < 5 {
				out[i] = price * (1 + noise*r.NormFloat64())
			}
		}
		return out
	}},
	{"holidays", func(r *rand.Rand) []float64 {
		out := weekly(r, 0, between(r, 0.02, 0.08))
		for range 6 {
			at, low := r.IntN(seriesDays-3), between(r, 0.3, 0.8)
			for i := at; i < at+1+r.IntN(3); i++ {
				out[i] *= low
			}
		}
		return out
	}},
	{"ramps", func(r *rand.Rand) []float64 {
		out, at, long := weekly(r, 0, between(r, 0.02, 0.06)), 20+r.IntN(seriesDays-80), 20+r.IntN(40)
		factor := between(r, 0.5, 2)
		for i := range out {
			out[i] *= 1 + (factor-1)*math.Min(1, math.Max(0, float64(i-at)/float64(long)))
		}
		return out
	}},
	{"counts", func(r *rand.Rand) []float64 {
		out, price, many := make([]float64, seriesDays), between(r, 1, 30), between(r, 1, 20)
		for i := range out {
			for t := r.ExpFloat64(); t < many; t += r.ExpFloat64() {
				out[i] += price
			}
		}
		return out
	}},
	{"sparse", func(r *rand.Rand) []float64 {
		out, often := make([]float64, seriesDays), between(r, 0.02, 0.2)
		for i := range out {
			if r.Float64() < often {
				out[i] = between(r, 0.5, 30)
			}
		}
		return out
	}},
	{"small", func(r *rand.Rand) []float64 {
		out := weekly(r, 0, between(r, 0.1, 0.6))
		scale := between(r, 0.01, 4) / mean(out)
		for i := range out {
			out[i] *= scale
		}
		return out
	}},
}

func between(r *rand.Rand, least, most float64) float64 { return least + (most-least)*r.Float64() }

// level returns a cost of a day.
func level(r *rand.Rand) float64 { return 80*math.Exp(1.1*r.NormFloat64()) + 20 }

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// weekly returns a series whose weekends may be cheaper, that grows by a part each day, and has noise.
func weekly(r *rand.Rand, growth, noise float64) []float64 {
	out, base, weekend, shift := make([]float64, seriesDays), level(r), 1.0, r.IntN(7)
	if r.Float64() < 0.7 {
		weekend = between(r, 0.3, 1)
	}
	for i := range out {
		out[i] = base * math.Exp(growth*float64(i)) * (1 + noise*r.NormFloat64())
		if (i+shift)%7 < 2 {
			out[i] *= weekend
		}
		out[i] = math.Max(0, out[i])
	}
	return out
}

// plant puts up to two anomalies into a series.
func plant(r *rand.Rand, s *costSeries) {
	if r.Float64() < 0.4 {
		return
	}
	kind := []string{"spike", "spike", "spike", "weekday", "level", "level", "new", "vanished", "credit"}[r.IntN(9)]
	at := judgedFrom + 4 + r.IntN(seriesDays-judgedFrom-16)
	usual := mean(s.cost[at-56 : at])
	change := func(kind string, first, last int, f func(x float64) float64) {
		for i := first; i <= last; i++ {
			s.cost[i] = f(s.cost[i])
		}
		s.planted = append(s.planted, planted{kind, first, last})
	}
	switch kind {
	case "spike":
		extra := math.Max(usual*between(r, 0.8, 5), 12)
		change(kind, at, at+r.IntN(3), func(x float64) float64 { return x + extra })
		if at+25 < seriesDays-2 && r.Float64() < 0.3 {
			change(kind, at+20, at+20, func(x float64) float64 { return x + extra*1.5 })
		}
	case "weekday": // a weekend day that costs what a working day does
		for ; at < seriesDays-10; at++ {
			if high := s.cost[at-3]; s.cost[at-7] < 0.6*high && s.cost[at-14] < 0.6*high && s.cost[at-21] < 0.6*high && s.cost[at-28] < 0.6*high && high-s.cost[at-7] > 12 {
				change(kind, at, at, func(float64) float64 { return high })
				return
			}
		}
	case "level":
		factor := between(r, 1.5, 3)
		if r.Float64() < 0.3 {
			factor = between(r, 0.3, 0.6)
		}
		if usual*math.Abs(factor-1) < 10 {
			factor = 1 + 12/math.Max(usual, 0.1)
		}
		change(kind, at, seriesDays-1, func(x float64) float64 { return x * factor })
		s.planted[len(s.planted)-1].last = at + 6
	case "new":
		for at < seriesDays-12 && s.cost[at] < 1 {
			at++
		}
		clear(s.cost[:at])
		if mean(s.cost[at:at+3]) < 6 {
			for i := at; i < seriesDays; i++ {
				s.cost[i] += 10
			}
		}
		change(kind, at, at, func(x float64) float64 { return x })
	case "vanished":
		if usual < 8 {
			return
		}
		change(kind, at, seriesDays-1, func(float64) float64 { return 0 })
		s.planted[len(s.planted)-1].last = at + 6
	case "credit":
		credit := math.Max(usual*between(r, 1, 10), 20)
		change(kind, at, at, func(x float64) float64 { return x - credit })
	}
}

// plantable reports whether a kind of series is regular enough that what is planted in it can be told from the rest.
func plantable(kind string) bool {
	return kind != "batch" && kind != "subscription" && kind != "periodic" && kind != "sparse" && kind != "small" && kind != "lognormal" && kind != "counts" && kind != "wandering"
}

// makeSeries returns n series of a kind.
func makeSeries(seed uint64, kind int, n int) []costSeries {
	out := make([]costSeries, n)
	for i := range out {
		r := rand.New(rand.NewPCG(seed, uint64(kind*1_000_000+i)))
		out[i] = costSeries{account: fmt.Sprintf("%s %d", seriesKinds[kind].name, i/20), service: fmt.Sprint("service", i%20), cost: seriesKinds[kind].make(r)}
		plant(r, &out[i])
	}
	return out
}
