package queries

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

var (
	headerLine  = regexp.MustCompile(`^-- ([a-z_]+): (.*\S)$`)
	identifier  = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	placeholder = regexp.MustCompile(`\{(\w+):([^{}]+)\}`)
	insertion   = regexp.MustCompile(`\{\{(\w+(?:\.label)?)(?: (\w+)=(\w+))?\}\}`)
	optional    = regexp.MustCompile(`(?s)\s*\[\[(.*?)\]\]`)
)

// ending is how each query enforces its limit: the row beyond it tells that there are more.
const ending = "LIMIT {limit:UInt32} + 1"

// parser parses one file.
type parser struct {
	files  fs.FS
	query  Query
	faults func(format string, args ...any)

	// own are the keys of another kind of file, each with what takes its value.
	own map[string]func(value string) error

	seen     map[string]bool // keys that may stand once
	text     []string
	includes map[string]included

	including bool   // it parses an include
	with      string // of the include
}

// included is the SQL of an include, and the parameter in it that stands for one of the query's.
type included struct{ sql, with string }

// Parse parses a file in the form of the queries': a header and SQL. own takes the values of the keys
// that only its kind of file has; of the queries' it may have title, text, param, column and use, and
// rows if own has it without a function: then the answer has a limit. It reports every fault.
func Parse(files fs.FS, name string, own map[string]func(value string) error) (Query, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return Query{}, err
	}
	var found faults
	p := parser{files: files, query: Query{Name: strings.TrimSuffix(path.Base(name), ".sql")}, faults: found.of(name), own: own, seen: map[string]bool{}, includes: map[string]included{}}
	p.query.SQL = p.file(string(text))
	p.query.Text = strings.Join(p.text, " ")
	needs := []string{"title", "text"}
	_, limited := own["rows"]
	if limited {
		needs = append(needs, "rows")
	}
	for _, key := range needs {
		if !p.seen[key] {
			p.faults("the header has no %q", key)
		}
	}
	p.query.SQL = p.include(p.query.SQL)
	if limited {
		p.limit()
	}
	p.checkParams()
	p.checkPlaceholders()
	return p.query, found.err()
}

// parse sets p.query to what a file says.
func (p *parser) parse(text string) {
	p.seen, p.includes = map[string]bool{}, map[string]included{}
	p.query.SQL = p.file(text)
	p.query.Text = strings.Join(p.text, " ")
	for _, key := range []string{"title", "group", "text", "rows", "cache", "column"} {
		if !p.seen[key] {
			p.faults("the header has no %q", key)
		}
	}
	p.query.SQL = p.include(p.query.SQL)
	p.limit()
	p.checkParams()
	p.checkPlaceholders()
}

// limit adds the parameter that bounds the rows of the answer.
func (p *parser) limit() {
	if !strings.HasSuffix(p.query.SQL, "\n"+ending) {
		p.faults("the query does not end with a line %q", ending)
	}
	limit := Param{Name: "limit", Type: "UInt32", Default: strconv.Itoa(p.query.Rows), Min: "1", Max: strconv.Itoa(p.query.MaxRows), Text: "The most rows"}
	p.query.Params = append(p.query.Params, limit)
}

// file parses a header, and returns the SQL below it.
func (p *parser) file(text string) (sql string) {
	header, sql, _ := strings.Cut(text, "\n\n")
	for line := range strings.Lines(header) {
		line = strings.TrimRight(line, "\n")
		m := headerLine.FindStringSubmatch(line)
		if m == nil {
			p.faults("%q is no line of a header: it has the form \"-- key: value\", and ends at the first empty line", line)
			continue
		}
		p.line(m[1], m[2])
	}
	return strings.TrimSpace(sql)
}

// line parses one line of a header.
func (p *parser) line(key, value string) {
	if p.seen[key] && slices.Contains([]string{"title", "group", "rows", "cache"}, key) {
		p.faults("the header has two lines %q", key)
	}
	p.seen[key] = true
	if p.own != nil && !slices.Contains([]string{"title", "text", "param", "column", "use"}, key) {
		take, ok := p.own[key]
		if !ok {
			p.faults("unknown key %q", key)
			return
		}
		if take != nil {
			if err := take(value); err != nil {
				p.faults("%s: %w", key, err)
			}
			return
		}
	}
	fields := strings.Split(value, " | ")
	switch key {
	case "title":
		p.query.Title = value
	case "group":
		if p.query.Group = value; !slices.Contains(Groups(), value) {
			p.faults("there is no group %q", value)
		}
	case "text":
		p.text = append(p.text, value)
	case "param":
		p.param(fields)
	case "choice":
		p.choice(fields)
	case "period":
		p.period(strings.Fields(value))
	case "rows":
		n := p.numbers(key, strings.Fields(value), 2)
		p.query.Rows, p.query.MaxRows = n[0], n[1]
	case "cache":
		p.query.Cache = time.Duration(p.numbers(key, strings.Fields(value), 1)[0]) * time.Second
	case "column":
		p.column(fields)
	case "use":
		p.use(value)
	case "with":
		if p.with = value; !p.including {
			p.faults("with stands in an include only")
		}
	default:
		p.faults("unknown key %q", key)
	}
}

// numbers parses positive numbers; 0 stands for those that are none.
func (p *parser) numbers(key string, texts []string, want int) []int {
	out := make([]int, want)
	if len(texts) != want {
		p.faults("%s has %d numbers and not %d", key, want, len(texts))
		return out
	}
	for i, text := range texts {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			p.faults("%s: %q is no positive number", key, text)
		}
		out[i] = n
	}
	return out
}

// named splits "name TYPE".
func (p *parser) named(key, text string) (name, typ string) {
	name, typ, found := strings.Cut(text, " ")
	if !found || !identifier.MatchString(name) {
		p.faults("%s: %q is not \"name TYPE\"", key, text)
	}
	return name, typ
}

func (p *parser) param(fields []string) {
	var out Param
	out.Name, out.Type = p.named("param", fields[0])
	for i, field := range fields[1:] {
		word, rest, _ := strings.Cut(field, " ")
		switch {
		case i == len(fields)-2:
			out.Text = field
		case word == "default":
			out.Default = rest
		case field == "required":
			out.Required = true
		case word == "min":
			out.Min = rest
		case word == "max":
			out.Max = rest
		case word == "in":
			out.In = strings.Split(rest, ", ")
		case word == "pattern":
			out.Pattern = rest
		case word == "items":
			out.Items = p.numbers("items of "+out.Name, []string{rest}, 1)[0]
		default:
			p.faults("parameter %s: unknown field %q", out.Name, field)
		}
	}
	if out.Text == "" || out.Name == "limit" || p.query.param(out.Name) != nil {
		p.faults("parameter %s has no description, is declared twice, or has the name that every query has", out.Name)
	}
	p.query.Params = append(p.query.Params, out)
}

func (p *parser) choice(fields []string) {
	name, value, _ := strings.Cut(fields[0], " ")
	param := p.query.param(name)
	if param == nil || len(fields) < 2 || len(fields) > 3 || value == "" {
		p.faults("choice %q is not \"name value | SQL\" or \"name value | SQL | label's SQL\" of a parameter above it", strings.Join(fields, " | "))
		return
	}
	fields = append(fields, noLabel)
	param.In, param.choices = append(param.In, value), append(param.choices, choice{sql: fields[1], label: fields[2]})
}

func (p *parser) period(words []string) {
	if len(words) != 3 {
		p.faults("period is not \"from until days\"")
		return
	}
	for _, name := range words[:2] {
		if param := p.query.param(name); param == nil || !isDate(param.Type) {
			p.faults("period: %s is no parameter above it that is a date", name)
			return
		}
	}
	p.query.periods = append(p.query.periods, period{from: words[0], until: words[1], days: p.numbers("period", words[2:], 1)[0]})
}

func (p *parser) column(fields []string) {
	var c Column
	c.Name, c.Type = p.named("column", fields[0])
	switch len(fields) {
	case 2:
		c.Text = fields[1]
	case 3:
		c.Unit, c.Text = fields[1], fields[2]
	default:
		p.faults("column %s has no description, or too much", c.Name)
	}
	p.query.Columns = append(p.query.Columns, c)
}

// use takes in the header of an included file.
func (p *parser) use(name string) {
	text, err := fs.ReadFile(p.files, "include/"+name+".sql")
	if err != nil {
		p.faults("use: %w", err)
		return
	}
	outer, within := p.with, p.including
	p.with, p.including = "", true
	sql := p.file(string(text))
	p.includes[name] = included{sql, p.with}
	p.with, p.including = outer, within
}

// include replaces the names of included files by their SQL, which is on one line or in brackets.
func (p *parser) include(sql string) string {
	used := map[string]bool{}
	sql = insertion.ReplaceAllStringFunc(sql, func(m string) string {
		part := insertion.FindStringSubmatch(m)
		body, ok := p.includes[part[1]]
		if !ok {
			return m
		}
		used[part[1]] = true
		if part[2] != body.with {
			p.faults("%s stands for what is in include/%s.sql, with %q and not %q", m, part[1], body.with, part[2])
		}
		if body.with == "" {
			return body.sql
		}
		return strings.ReplaceAll(body.sql, "{"+body.with+":", "{"+part[3]+":")
	})
	for name, body := range p.includes {
		if !used[name] && body.sql != "" {
			p.faults("the SQL does not use {{%s}}", name)
		}
	}
	return sql
}

// checkPlaceholders compares the parameters with what the SQL uses.
func (p *parser) checkPlaceholders() {
	sql := p.query.SQL
	for _, param := range p.query.Params {
		for _, c := range param.choices {
			sql += "\n" + c.sql + "\n" + c.label
		}
	}
	used := map[string]bool{}
	for _, m := range placeholder.FindAllStringSubmatch(sql, -1) {
		used[m[1]] = true
		param := p.query.param(m[1])
		switch {
		case param == nil:
			p.faults("the SQL uses the parameter %s, which is not declared", m[1])
		case param.Type != m[2]:
			p.faults("the SQL uses the parameter %s as %s, and it is declared as %s", m[1], m[2], param.Type)
		}
	}
	for _, m := range insertion.FindAllStringSubmatch(sql, -1) {
		name := strings.TrimSuffix(m[1], ".label")
		used[name] = true
		if param := p.query.param(name); param == nil || param.choices == nil {
			p.faults("the SQL uses {{%s}}, which has no choices", name)
		}
	}
	for _, m := range optional.FindAllStringSubmatch(sql, -1) {
		if strings.Count(m[1], "[") != strings.Count(m[1], "]") {
			p.faults("[[%s]] ends at the first ]], which is within it", m[1])
		}
		if !slices.ContainsFunc(placeholder.FindAllStringSubmatch(m[1], -1), func(m []string) bool { return p.query.param(m[1]).mayBeEmpty() }) {
			p.faults("[[%s]] stands always: it names no parameter that may be empty", m[1])
		}
	}
	for _, param := range p.query.Params {
		if !used[param.Name] {
			p.faults("the parameter %s is declared and not used", param.Name)
		}
	}
}
