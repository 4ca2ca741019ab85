package queue_test

import (
	"errors"
	"strings"
	"testing"

	"polo/internal/queue"
)

func TestValidText(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text  string
		valid bool
	}{
		"empty":               {"", true},
		"white space":         {"\t\n\r ", true},
		"last before gap":     {"\uD7FF", true},
		"first after gap":     {"\uE000", true},
		"last of the plane":   {"\uFFFD", true},
		"astral":              {"\U00010000\U0010FFFF", true},
		"delete":              {"\x7f", true},
		"nul":                 {"a\x00", false},
		"backspace":           {"\b", false},
		"escape":              {"\x1b[0m", false},
		"unit separator":      {"\x1f", false},
		"noncharacter FFFE":   {"ok \uFFFE", false},
		"noncharacter FFFF":   {"\uFFFF ok", false},
		"broken":              {"\xff", false},
		"cut rune":            {"ok \xe6\xbc", false},
		"encoded surrogate":   {"\xed\xa0\x80", false},
		"beyond Unicode":      {"\xf4\x90\x80\x80", false},
		"overlong":            {"\xc0\xaf", false},
		"real replacement":    {string([]byte{0xef, 0xbf, 0xbd}), true},
		"bad after much good": {strings.Repeat("ü", 1000) + "\x01", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := queue.ValidText(tt.text); got != tt.valid {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	many := map[string]string{}
	for _, name := range strings.Split("a b c d e f g h i j k", " ") {
		many[name] = "v"
	}
	attribute := func(name, value string) queue.Outgoing {
		return queue.Outgoing{Body: "b", Attributes: map[string]string{name: value}}
	}
	tests := map[string]struct {
		message queue.Outgoing
		want    error
	}{
		"good":                {attribute("Good.name-1_", "v"), nil},
		"at the size":         {attribute("n", strings.Repeat("v", 100-1-1-6)), nil},
		"a byte more":         {attribute("n", strings.Repeat("v", 100-1-6)), queue.ErrTooLarge},
		"body at the size":    {queue.Outgoing{Body: strings.Repeat("b", 100)}, nil},
		"body a byte more":    {queue.Outgoing{Body: strings.Repeat("b", 101)}, queue.ErrTooLarge},
		"empty body":          {queue.Outgoing{}, queue.ErrRefused},
		"bad body":            {queue.Outgoing{Body: "\x00"}, queue.ErrNotText},
		"bad value":           {attribute("n", "\x00"), queue.ErrNotText},
		"empty value":         {attribute("n", ""), queue.ErrRefused},
		"empty name":          {attribute("", "v"), queue.ErrRefused},
		"name of AWS":         {attribute("aWs.x", "v"), queue.ErrRefused},
		"name of Amazon":      {attribute("Amazon.x", "v"), queue.ErrRefused},
		"leading dot":         {attribute(".x", "v"), queue.ErrRefused},
		"trailing dot":        {attribute("x.", "v"), queue.ErrRefused},
		"two dots":            {attribute("x..y", "v"), queue.ErrRefused},
		"space in name":       {attribute("x y", "v"), queue.ErrRefused},
		"too many attributes": {queue.Outgoing{Body: "b", Attributes: many}, queue.ErrRefused},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := tt.message.Check(100); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}
