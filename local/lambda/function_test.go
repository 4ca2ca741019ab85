package lambda_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"polo/local/logtest"

	awslambda "github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"polo/local/lambda"
)

// TestMain turns this program into a function if it is started as one.
func TestMain(m *testing.M) {
	switch os.Getenv("POLO_TEST_FUNCTION") {
	case "":
		os.Exit(m.Run())
	case "fails to start":
		fmt.Println("cannot start")
		os.Exit(3)
	case "orders":
		awslambda.StartWithOptions(runOrder, awslambda.WithEnableSIGTERM(func() {
			_ = os.WriteFile(filepath.Join(os.TempDir(), "terminated"), nil, 0o600)
		}))
	case "batches":
		awslambda.Start(takeBatch)
	}
}

// order tells a test function what to do.
type order struct {
	Do  string `json:"do"`
	Arg string `json:"arg"`
}

type answer struct {
	Pid       int
	Told      string
	Ticks     int64
	Deadline  time.Duration
	RequestID string
}

var ticks atomic.Int64

func runOrder(ctx context.Context, o order) (answer, error) {
	out := answer{Pid: os.Getpid(), Told: o.Arg}
	switch o.Do {
	case "error":
		return out, errors.New(o.Arg)
	case "panic":
		panic(o.Arg)
	case "exit":
		os.Exit(7)
	case "sleep":
		d, err := time.ParseDuration(o.Arg)
		if err != nil {
			return out, err
		}
		time.Sleep(d)
	case "eat":
		var all [][]byte
		for range 1000 {
			b := make([]byte, 4<<20)
			for i := range b {
				b[i] = 1
			}
			all = append(all, b)
			time.Sleep(2 * time.Millisecond)
		}
		out.Told = fmt.Sprint(len(all))
	case "big":
		out.Told = strings.Repeat("x", 7<<20)
	case "tick":
		go func() {
			for {
				ticks.Add(1)
				time.Sleep(5 * time.Millisecond)
			}
		}()
	case "ticks":
		out.Ticks = ticks.Load()
	case "keep":
		return out, os.WriteFile(filepath.Join(os.TempDir(), "kept"), []byte(o.Arg), 0o600)
	case "kept":
		text, err := os.ReadFile(filepath.Join(os.TempDir(), "kept"))
		out.Told = string(text)
		return out, err
	case "env":
		out.Told = os.Getenv(o.Arg)
	case "page": // what a page in a browser could send to the Runtime API
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+os.Getenv("AWS_LAMBDA_RUNTIME_API")+"/2018-06-01/runtime/init/error", nil)
		if err != nil {
			return out, err
		}
		req.Header.Set("Origin", "https://evil.example")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return out, err
		}
		out.Told = resp.Status
		return out, resp.Body.Close()
	case "context":
		deadline, _ := ctx.Deadline()
		out.Deadline = time.Until(deadline)
		lc, _ := lambdacontext.FromContext(ctx)
		out.RequestID, out.Told = lc.AwsRequestID, lc.InvokedFunctionArn
	}
	return out, nil
}

// newFunction returns a function that runs this program.
func newFunction(t *testing.T, kind string, change ...func(*lambda.Options)) (f *lambda.Function, dir string, log *logtest.Log) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	log = &logtest.Log{}
	o := lambda.Options{
		Name: "f", Bootstrap: self, Dir: t.TempDir(), Env: map[string]string{"POLO_TEST_FUNCTION": kind}, Timeout: 5 * time.Second, Memory: 512 << 20, Log: log,
	}
	for _, c := range change {
		c(&o)
	}
	if f, err = lambda.New(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f, o.Dir, log
}

func ask(t *testing.T, f *lambda.Function, o order) (answer, error) {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	out, err := f.Invoke(t.Context(), lambda.Invocation{Payload: text})
	var a answer
	if err == nil {
		err = json.Unmarshal(out, &a)
	}
	return a, err
}

// However an invocation ends, its error is AWS's, and the next one succeeds. After a crash
// the environment keeps its folder.
func TestInvocationErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                string
		order               order
		errorType, contains string
		dies                bool
	}{
		{name: "well", order: order{"", "hello"}},
		{name: "with an error", order: order{"error", "because"}, errorType: "errorString", contains: "because"},
		{name: "with a panic", order: order{"panic", "at the disco"}, errorType: "string", contains: "at the disco", dies: true},
		{name: "with its process", order: order{"exit", ""}, errorType: lambda.ErrorExit, contains: "exit status 7", dies: true},
		{name: "too late", order: order{"sleep", "1m"}, errorType: lambda.ErrorTimeout, contains: "timed out after 2.00 seconds", dies: true},
		{name: "with too much memory", order: order{"eat", ""}, errorType: lambda.ErrorMemory, contains: "signal: killed", dies: true},
		{name: "with too long an answer", order: order{"big", ""}, errorType: lambda.ErrorTooLarge, contains: "exceeded", dies: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f, _, log := newFunction(t, "orders", func(o *lambda.Options) {
				o.Timeout, o.Memory = 30*time.Second, 256<<20
				if c.errorType == lambda.ErrorTimeout {
					o.Timeout = 2 * time.Second
				}
			})
			before, err := ask(t, f, order{"keep", c.name})
			if err != nil {
				t.Fatal(err)
			}
			got, err := ask(t, f, c.order)
			var failed *lambda.Error
			switch {
			case c.errorType == "" && (err != nil || got.Told != c.order.Arg):
				t.Errorf("it ended with %+v, %v", got, err)
			case c.errorType != "" && (!errors.As(err, &failed) || failed.Type != c.errorType || !strings.Contains(failed.Message, c.contains) || failed.RequestID == ""):
				t.Errorf("it ended with %+v, %#v", got, err)
			}
			after, err := ask(t, f, order{"kept", ""})
			if err != nil || after.Told != c.name {
				t.Errorf("afterwards it finds %q: %v", after.Told, err)
			}
			if died := before.Pid != after.Pid; died != c.dies {
				t.Errorf("processes %d and %d: died %v, want %v", before.Pid, after.Pid, died, c.dies)
			}
			if text := log.String(); strings.Count(text, "START RequestId: ") != 3 || strings.Count(text, "REPORT RequestId: ") != 3 {
				t.Errorf("the log is\n%s", text)
			}
		})
	}
}

func TestAFunctionThatDoesNotStart(t *testing.T) {
	t.Parallel()
	f, _, log := newFunction(t, "fails to start")
	_, err := ask(t, f, order{})
	var failed *lambda.Error
	if !errors.As(err, &failed) || failed.Type != lambda.ErrorExit || !strings.Contains(failed.Message, "exit status 3") {
		t.Errorf("it ended with %v", err)
	}
	// AWS tries twice before it gives up.
	if n := strings.Count(log.String(), "cannot start"); n != 2 {
		t.Errorf("it was started %d times, want 2:\n%s", n, log)
	}
}

func TestFunctionEnvironment(t *testing.T) {
	t.Setenv("POLO_TEST_OWN", "leaks") // a variable of this process
	f, _, _ := newFunction(t, "orders", func(o *lambda.Options) { o.Env["POLO_TEST_GIVEN"] = "given" })
	for name, want := range map[string]string{
		"POLO_TEST_GIVEN": "given", "POLO_TEST_OWN": "", "AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_REGION": "us-east-1", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
	} {
		if got, err := ask(t, f, order{"env", name}); err != nil || got.Told != want {
			t.Errorf("%s is %q, want %q: %v", name, got.Told, want, err)
		}
	}
	got, err := ask(t, f, order{"context", ""})
	if err != nil || got.Told != f.ARN() || got.RequestID == "" || got.Deadline < 4*time.Second || got.Deadline > 5*time.Second {
		t.Errorf("its context says %+v: %v", got, err)
	}
	if got, err := ask(t, f, order{"page", ""}); err != nil || got.Told != "403 Forbidden" {
		t.Errorf("a web page is answered %q: %v", got.Told, err)
	}
}

// An environment serves one invocation after the other. As many environments run at once
// as allowed, and one more invocation is throttled.
func TestEnvironments(t *testing.T) {
	t.Parallel()
	f, _, _ := newFunction(t, "orders", func(o *lambda.Options) { o.Concurrency = 3 })
	for range 5 {
		if _, err := ask(t, f, order{}); err != nil {
			t.Fatal(err)
		}
	}
	if s := f.Stats(); s.ColdStarts != 1 || s.Invocations != 5 || s.InitTime <= 0 || s.MaxMemory < 1<<20 || s.AtRest < 1<<20 {
		t.Errorf("after five invocations in a row: %+v", s)
	}
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if _, err := ask(t, f, order{"sleep", "1s"}); err != nil {
				t.Error(err)
			}
		})
	}
	for f.Stats().ColdStarts < 3 {
		time.Sleep(10 * time.Millisecond)
	}
	if _, err := ask(t, f, order{}); !errors.Is(err, lambda.ErrThrottled) {
		t.Errorf("a fourth at once ends with %v", err)
	}
	all.Wait()
}

// A process is frozen between invocations.
func TestAProcessWithoutWorkIsFrozen(t *testing.T) {
	t.Parallel()
	f, _, _ := newFunction(t, "orders")
	if _, err := ask(t, f, order{"tick", ""}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond)
	before, err := ask(t, f, order{"ticks", ""})
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second) // 200 ticks, if it ran
	after, err := ask(t, f, order{"ticks", ""})
	if err != nil || after.Ticks-before.Ticks > 50 {
		t.Errorf("it ticked %d times while it had no work: %v", after.Ticks-before.Ticks, err)
	}
}

// An idle environment is shut down, with SIGTERM first, and its folder is reused.
func TestAnIdleEnvironmentIsShutDown(t *testing.T) {
	t.Parallel()
	f, dir, _ := newFunction(t, "orders", func(o *lambda.Options) { o.Idle = 200 * time.Millisecond })
	first, err := ask(t, f, order{})
	if err != nil {
		t.Fatal(err)
	}
	for until := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(dir, "f-0", "terminated")); err == nil {
			break
		}
		if time.Now().After(until) {
			t.Fatal("it got no SIGTERM")
		}
	}
	time.Sleep(300 * time.Millisecond)
	second, err := ask(t, f, order{})
	if err != nil || second.Pid == first.Pid {
		t.Errorf("process %d after %d: %v", second.Pid, first.Pid, err)
	}
}

func TestInvalidFunction(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*lambda.Options)
		want   string
	}{
		"not an executable": {func(o *lambda.Options) { o.Bootstrap += "-not" }, "no such file"},
		"a folder":          {func(o *lambda.Options) { o.Bootstrap = filepath.Dir(o.Bootstrap) }, "not an executable"},
		"no name":           {func(o *lambda.Options) { o.Name = "" }, "without a name"},
		"too long":          {func(o *lambda.Options) { o.Timeout = time.Hour }, "timeout of 1h"},
		"without folder":    {func(o *lambda.Options) { o.Dir = "" }, "no Dir"},
	} {
		o := lambda.Options{Name: "f", Bootstrap: self, Dir: t.TempDir()}
		c.change(&o)
		if _, err := lambda.New(o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
