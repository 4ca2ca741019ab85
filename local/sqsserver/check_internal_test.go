package sqsserver

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// filledStore returns the directory of a store with queues and messages, small and large, some of them deleted.
func filledStore(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	s, err := New(Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for _, queue := range []string{"q", "other", "empty"} {
		ask(t, s, "CreateQueue", `{"QueueName":"`+queue+`"}`)
	}
	for i := range 120 {
		body := strings.Repeat("body ", 1+i*i)
		ask(t, s, "SendMessage", `{"QueueUrl":"http://sqs.local/000000000000/q","MessageBody":"`+body+`"}`)
	}
	ask(t, s, "SendMessage", `{"QueueUrl":"http://sqs.local/000000000000/other","MessageBody":"alone"}`)
	ask(t, s, "PurgeQueue", `{"QueueUrl":"http://sqs.local/000000000000/other"}`)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A damaged file is an error that names the file and a remedy, never a panic, whatever is damaged.
func TestDamagedStoreIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(filledStore(t), storeFile)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c := &checker{f: bytes.NewReader(whole), size: uint64(len(whole))}
	if err := c.check(); err != nil {
		t.Fatalf("a whole file: %v", err)
	}
	open := func(name string, file []byte) error {
		dir := filepath.Join(t.TempDir(), name)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, storeFile), file, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := New(Options{Dir: dir})
		if err != nil {
			if !strings.Contains(err.Error(), filepath.Join(dir, storeFile)) || !strings.Contains(err.Error(), "move it away") {
				t.Errorf("%s: %v: it does not name the file and the remedy", name, err)
			}
			return err
		}
		return s.Close()
	}
	if err := open("whole", whole); err != nil {
		t.Fatal(err)
	}
	page := 4096
	for name, file := range map[string][]byte{
		"text":           []byte("this is no store"),
		"one byte":       {0},
		"zeros":          make([]byte, len(whole)),
		"heads":          append(make([]byte, 2*page), whole[2*page:]...),
		"cut to heads":   whole[:2*page],
		"cut to a half":  whole[:len(whole)/2/page*page],
		"cut in a page":  whole[:3*page+100],
		"other contents": append(bytes.Clone(whole[:2*page]), bytes.Repeat([]byte{0xff}, len(whole)-2*page)...),
		"no contents":    append(bytes.Clone(whole[:2*page]), make([]byte, len(whole)-2*page)...),
	} {
		if err := open(name, file); err == nil {
			t.Errorf("%s: it is opened", name)
		} else if !errors.Is(err, errDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Damage one page at a time, of those in use that have a header. Their number differs from run to run, their
	// content hardly.
	var used []int
	for id := 2; id < len(whole)/page; id++ {
		if c.seen[id/64]&(1<<(id%64)) != 0 && binary.LittleEndian.Uint64(whole[id*page:]) == uint64(id) {
			used = append(used, id)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	refused := [3]int{}
	for i := range 300 {
		file := bytes.Clone(whole)
		at := used[random.IntN(len(used))] * page
		switch i % 3 {
		case 0:
			file[at+random.IntN(pageHead)] ^= 1 << random.IntN(8)
		case 1:
			file[at+pageHead+random.IntN(4*elementSize)] ^= 1 << random.IntN(8)
		default:
			for j := range page {
				file[at+j] = byte(random.Uint32())
			}
		}
		if open(strconv.Itoa(i), file) != nil {
			refused[i%3]++
		}
	}
	t.Logf("of 100 damages each to heads, elements and whole pages, of %d pages: %d are refused", len(used), refused)
	// A smaller element count, and other bytes of a key or value, are still valid.
	if refused[0] < 80 || refused[1] < 20 || refused[2] < 100 {
		t.Errorf("of 100 damages each to heads, elements and whole pages, %d are refused", refused)
	}
}

// The check of any file terminates.
func FuzzStoreFile(f *testing.F) {
	f.Add([]byte("text"), uint16(0), uint64(0))
	f.Add([]byte{}, uint16(3), uint64(1))
	dir := f.TempDir()
	s, err := New(Options{Dir: dir})
	if err != nil {
		f.Fatal(err)
	}
	if err := s.Close(); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(filepath.Join(dir, storeFile))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte, at uint16, word uint64) {
		_ = checkPages(bytes.NewReader(data), uint64(len(data)))
		file := bytes.Clone(whole)
		n := int(at) % (len(file) - 8)
		for i := range 8 {
			file[n+i] ^= byte(word >> (8 * i))
		}
		copy(file[n:], data)
		_ = checkPages(bytes.NewReader(file), uint64(len(file)))
	})
}
