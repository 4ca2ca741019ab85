package channel_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"polo/alerts/channel"
)

// flood is a message with as many episodes as the configuration allows, with long labels of a text that encodings make longer.
func flood(of string) channel.Message {
	return message(func(m *channel.Message) {
		i := channel.Item{Labels: []channel.Pair{{Name: "name", Value: strings.Repeat(of, 10_000)}}, Since: at, Link: "https://polo.example/alerts?a=" + strings.Repeat("x", 900)}
		m.Title, m.Text, m.Key, m.ID, m.Firing, m.Resolved = strings.Repeat(of, 2000), strings.Repeat(of, 20_000), strings.Repeat("k", 300), strings.Repeat("i", 300), nil, nil
		for range 100 {
			m.Firing, m.Resolved = append(m.Firing, i), append(m.Resolved, i)
		}
		m.MoreFiring, m.MoreResolved = 212, 3
	})
}

// Whatever the data are, a message is within the receiver's limits, and what is not listed is counted.
func TestLimits(t *testing.T) {
	t.Parallel()
	for _, of := range []string{"x", "<", "&", `"`, "\U0001f600", "\xff", "@here "} {
		for kind, check := range map[string]func(*testing.T, delivery) [2]int{"slack": slackLimits, "pagerduty": pagerDutyLimits, "webhook": webhookLimits, "sns": snsLimits, "ses": sesLimits} {
			t.Run(fmt.Sprintf("%s of %q", kind, of), func(t *testing.T) {
				t.Parallel()
				m := flood(of)
				if kind == "webhook" {
					m.Text = "" // it is the catalogue's; machines get it whole
				}
				if got := check(t, sent(t, kind, m)); got != [2]int{312, 103} {
					t.Errorf("%d firing and %d resolved are listed or counted, want 312 and 103", got[0], got[1])
				}
				if n := len(m.Firing); n != 100 {
					t.Errorf("the caller's message has %d episodes left", n)
				}
			})
		}
	}
}

// However long the labels are, a line has room for more than one, and for the time.
func TestALineOfLongLabels(t *testing.T) {
	t.Parallel()
	got := sent(t, "slack", message(func(m *channel.Message) {
		long := strings.Repeat("x", 1000)
		m.Resolved, m.Firing = nil, []channel.Item{{Labels: []channel.Pair{{Name: "a", Value: long}, {Name: "b", Value: long}, {Name: "c", Value: long}, {Name: "d", Value: long}}, Since: at}}
	}))
	text := got.object(t)["blocks"].([]any)[2].(map[string]any)["text"].(map[string]any)["text"].(string)
	if _, line, _ := strings.Cut(text, "• "); utf8.RuneCountInString(line) > 500 || !strings.HasSuffix(line, " since 2026-01-02 03:05 UTC") || !strings.Contains(line, ", b=x") {
		t.Errorf("%d characters: %s", utf8.RuneCountInString(line), line)
	}
}

func more(t *testing.T, text string) int {
	t.Helper()
	found := regexp.MustCompile(`and (\d+) more`).FindAllStringSubmatch(text, -1)
	if len(found) != 1 {
		t.Fatalf("%d counts of more in %.200q", len(found), text)
	}
	n, err := strconv.Atoi(found[0][1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// listed counts the episodes of a text by what begins each.
func listed(t *testing.T, text, begin string) [2]int {
	t.Helper()
	firing, resolved, ok := strings.Cut(text, "Resolved")
	if !ok {
		t.Fatal("no episodes are resolved")
	}
	return [2]int{strings.Count(firing, begin) + more(t, firing), strings.Count(resolved, begin) + more(t, resolved)}
}

func slackLimits(t *testing.T, d delivery) [2]int {
	t.Helper()
	got := d.object(t)
	blocks := got["blocks"].([]any)
	if len(blocks) > 50 {
		t.Errorf("%d blocks", len(blocks))
	}
	var all string
	for _, b := range blocks {
		block := b.(map[string]any)
		field := block["text"].(map[string]any)
		text, most := field["text"].(string), 3000
		if block["type"] == "header" {
			most = 150
		} else {
			if i := strings.IndexFunc(regexp.MustCompile(`&(amp|lt|gt);|<https://[^<>|]*\|\w+>`).ReplaceAllString(text, ""), func(r rune) bool { return strings.ContainsRune("<>&", r) }); i >= 0 {
				t.Errorf("markup in %.300q", text)
			}
			if field["verbatim"] != true || strings.Contains(text, "@here") {
				t.Errorf("a block that may mention everybody: %.100q", text)
			}
		}
		if n := utf8.RuneCountInString(text); n == 0 || n > most {
			t.Errorf("a block of %d characters", n)
		}
		all += text + "\n"
	}
	if n := utf8.RuneCountInString(all) - len(blocks); n > 13_000 {
		t.Errorf("%d characters in all", n)
	}
	if text := got["text"].(string); len(text) > 3000 || strings.ContainsAny(text, "<>") {
		t.Errorf("fallback %.100q", text)
	}
	return listed(t, all, "• ")
}

func pagerDutyLimits(t *testing.T, d delivery) [2]int {
	t.Helper()
	got := d.object(t)
	payload := got["payload"].(map[string]any)
	if n := utf8.RuneCountInString(payload["summary"].(string)); n > 1024 {
		t.Errorf("a summary of %d characters", n)
	}
	if len(d.body) > 512<<10 || len(got["dedup_key"].(string)) > 255 {
		t.Errorf("%d bytes, key %s", len(d.body), got["dedup_key"])
	}
	details := payload["custom_details"].(map[string]any)
	count := func(name string) int { return len(details[name].([]any)) + int(details["more_"+name].(float64)) }
	return [2]int{count("firing"), count("resolved")}
}

func webhookLimits(t *testing.T, d delivery) [2]int {
	t.Helper()
	got := d.object(t)
	if len(d.body) > 1<<20 {
		t.Errorf("%d bytes", len(d.body))
	}
	count := func(name string) int { return len(got[name].([]any)) + int(got["more_"+name].(float64)) }
	return [2]int{count("firing"), count("resolved")}
}

func snsLimits(t *testing.T, d delivery) [2]int {
	t.Helper()
	got := d.object(t)
	subject, text := got["Subject"].(string), got["Message"].(string)
	if len(subject) >= 100 || strings.ContainsFunc(subject, func(r rune) bool { return r < 0x20 || r > 0x7e }) {
		t.Errorf("subject %q", subject)
	}
	size := len(text)
	for name, value := range got["MessageAttributes"].(map[string]any) {
		size += len(name) + len("String") + len(value.(string))
		if n := len(value.(string)); n > 256 {
			t.Errorf("attribute %s of %d bytes", name, n)
		}
	}
	if size > 256<<10 || !utf8.ValidString(text) {
		t.Errorf("%d bytes, valid %v", size, utf8.ValidString(text))
	}
	return listed(t, text, "  name=")
}

func sesLimits(t *testing.T, d delivery) [2]int {
	t.Helper()
	simple := d.object(t)["Content"].(map[string]any)["Simple"].(map[string]any)
	data := func(of any) string { return of.(map[string]any)["Data"].(string) }
	body := simple["Body"].(map[string]any)
	if subject := data(simple["Subject"]); utf8.RuneCountInString(subject) > 200 || strings.ContainsAny(subject, "\r\n") {
		t.Errorf("subject %q", subject)
	}
	text, html := listed(t, data(body["Text"]), "  name="), listed(t, data(body["Html"]), "<li><a ")
	if n := len(data(body["Text"])) + len(data(body["Html"])); n > 1<<20 {
		t.Errorf("a body of %d bytes", n)
	}
	if text != html {
		t.Errorf("the text tells of %d, HTML of %d", text, html)
	}
	return text
}
