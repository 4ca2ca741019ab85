package dashboard

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"polo/local/chdb"
	"polo/local/loopback"
)

// DefaultPort is the port that is tried first; if it is taken, a free one is used.
const DefaultPort = 8321

// Options configure a Dashboard.
type Options struct {
	Build Build
	// Dir holds the key, the configuration and the log of workerd; it is created if missing.
	Dir string
	// Port on 127.0.0.1; 0 means a free one.
	Port int
	// ClickHouse is host:port of ClickHouse's HTTP interface, User the account that the Worker queries as.
	ClickHouse string
	User       chdb.User
	Logger     *slog.Logger
}

// Dashboard is the running parts.
type Dashboard struct {
	// URL is the dashboard's address, with the key that signs in whoever opens it.
	URL string

	worker  *workerd
	servers []*http.Server
}

// Start starts every part and returns once the Worker answers. Stop ends it. ClickHouse need not be up.
func Start(ctx context.Context, o Options) (_ *Dashboard, err error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("finding the dashboard's folder: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the dashboard's folder: %w", err)
	}
	key, err := loadKey(dir)
	if err != nil {
		return nil, err
	}
	files, err := openAssets(o.Build.assets())
	if err != nil {
		return nil, err
	}
	d := &Dashboard{}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Stop())
		}
	}()
	certs, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("opening the issuer's port: %w", err)
	}
	i, err := newIssuer("http://"+certs.Addr().String(), owner(), time.Now)
	if err != nil {
		return nil, errors.Join(err, certs.Close())
	}
	d.serve(ctx, certs, loopback.Guard(i), o.Logger)
	config, err := writeConfig(dir, o.Build, o, i)
	if err != nil {
		return nil, err
	}
	token, err := i.assertion()
	if err != nil {
		return nil, err
	}
	w := &workerd{
		program: o.Build.workerd(), config: config, environment: environment(o.User.Password), token: token, logPath: filepath.Join(dir, "workerd.log"), log: o.Logger,
	}
	if err := startWorkerd(ctx, w); err != nil {
		return nil, err
	}
	d.worker = w
	l, err := listen(o.Port)
	if err != nil {
		return nil, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	s := sessions{key: key, cookie: "polo_" + strconv.Itoa(port), now: time.Now}
	d.serve(ctx, l, newFront(s, files, i, w.addr, o.Logger), o.Logger)
	d.URL = fmt.Sprintf("http://%s/?key=%s", l.Addr(), key)
	return d, nil
}

// serve serves l until Stop.
func (d *Dashboard) serve(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) {
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	d.servers = append(d.servers, server)
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.ErrorContext(ctx, "a server of the dashboard ended", slog.Any("error", err))
		}
	}()
}

// Stop ends every part. A nil Dashboard has none.
func (d *Dashboard) Stop() error {
	if d == nil {
		return nil
	}
	var errs []error
	for _, server := range d.servers {
		errs = append(errs, server.Close())
	}
	if d.worker != nil {
		d.worker.stop()
	}
	return errors.Join(errs...)
}

// listen opens the front door's port.
func listen(port int) (net.Listener, error) {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil && port == DefaultPort {
		l, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, fmt.Errorf("opening the dashboard's port: %w", err)
	}
	return l, nil
}

// owner returns the address of who runs this, on this machine.
func owner() string {
	if u, err := user.Current(); err == nil && regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`).MatchString(u.Username) {
		return u.Username + "@localhost"
	}
	return "owner@localhost"
}

// environment returns workerd's environment: the password, what the dynamic loader needs, and none of this process's
// secrets.
func environment(password string) []string {
	env := []string{passwordEnv + "=" + password}
	for _, name := range []string{"LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}
