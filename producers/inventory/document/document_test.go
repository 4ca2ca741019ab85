package document_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"

	"polo/producers/inventory/document"
)

func parse(t *testing.T, text string) document.Value {
	t.Helper()
	v, err := document.FromJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestJSON: documents are written canonically.
func TestJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"members get capitals", `{"vpcId":"v","SubnetId":"s"}`, `{"VpcId":"v","SubnetId":"s"}`},
		{"numbers are exact", `[12345678901234567890,1.10,1e3]`, `[12345678901234567890,1.10,1e3]`},
		{"null and what is empty are left out", `{"a":null,"b":[],"c":{},"d":{"e":null},"f":"","g":0,"h":false}`, `{"F":"","G":0,"H":false}`},
		{"nothing is left", `{"a":[null,{}]}`, ``},
		{"a recorded date", `{"__class__":"datetime","year":2023,"month":4,"day":19,"hour":8,"minute":49,"second":30,"microsecond":5000}`, `"2023-04-19T08:49:30.005Z"`},
		{"a date of the CLI", `"2023-04-19T10:49:30+02:00"`, `"2023-04-19T08:49:30Z"`},
		{"an odd date stays as it is", `{"__class__":"datetime","year":"x"}`, `{"__class__":"datetime","Year":"x"}`},
		{"secrets are left out", `{"masterUserPassword":"x","environment":{"variables":{"A":"x"}},"userData":"x","secretString":"x","name":"n"}`, `{"Name":"n"}`},
		{"a byte order mark", "\ufeff{\"a\":1}", `{"A":1}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := document.JSON(parse(t, c.in)); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestInvalidJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{", `{"a":}`, "<html>", `{} {}`, `{"a":1}x`, strings.Repeat("[", 100000)} {
		if _, err := document.FromJSON([]byte(text)); !errors.Is(err, document.ErrSyntax) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

// TestSDK: a call's output and its recording give the same document.
func TestSDK(t *testing.T) {
	t.Parallel()
	at := time.Date(2023, 4, 19, 8, 49, 30, 0, time.UTC)
	live := document.FromSDK(&ec2types.Instance{
		InstanceId: aws.String("i-1"), LaunchTime: &at, AmiLaunchIndex: aws.Int32(0), EbsOptimized: aws.Bool(false), ClientToken: aws.String(""),
		State:        &ec2types.InstanceState{Name: ec2types.InstanceStateNameRunning},
		Tags:         []ec2types.Tag{{Key: aws.String("Name"), Value: aws.String("")}},
		ProductCodes: []ec2types.ProductCode{},
	})
	recorded := parse(t, `{"instanceId":"i-1","launchTime":{"__class__":"datetime","year":2023,"month":4,"day":19,"hour":8,"minute":49,"second":30,"microsecond":0},
		"AmiLaunchIndex":0,"EbsOptimized":false,"ClientToken":"","State":{"Name":"running"},"Tags":[{"Key":"Name","Value":""}],"ProductCodes":[],"KernelId":null}`)
	for _, name := range []string{"InstanceId", "LaunchTime", "AmiLaunchIndex", "EbsOptimized", "ClientToken", "State", "Tags", "ProductCodes", "KernelId"} {
		l, ok1 := live.(document.Object)
		r, ok2 := recorded.(document.Object)
		if !ok1 || !ok2 {
			t.Fatal("no objects")
		}
		if diff := cmp.Diff(document.JSON(r.Get(name)), document.JSON(l.Get(name))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestSDKUnionsAndMaps(t *testing.T) {
	t.Parallel()
	v := document.FromSDK(map[string]types.AttributeValue{
		"b": &types.AttributeValueMemberN{Value: "1.5"}, "a": &types.AttributeValueMemberS{Value: "x"}, "c": &types.AttributeValueMemberB{Value: []byte{1}},
	})
	if got, want := document.JSON(v), `{"a":{"S":"x"},"b":{"N":"1.5"},"c":{"B":"AQ=="}}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := document.FromSDK((*ec2types.Instance)(nil)); got != nil {
		t.Errorf("nil is %v", got)
	}
}

func TestProject(t *testing.T) {
	t.Parallel()
	v := parse(t, `{"A":{"B":1},"L":[{"X":"1"},{"X":["2","3"]},{"Y":"4"},null,"s"],"E":[],"N":null}`)
	for path, want := range map[string]string{
		"A.B": `1`, "a.b": `1`, "L.X": `["1","2","3"]`, "L.Y": `["4"]`, "A": `{"B":1}`, "E": ``, "N": ``, "N.X": ``, "A.B.C": ``, "Z": ``, "L.Z": ``,
	} {
		if got := document.JSON(document.Project(v, strings.Split(path, "."))); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
}

// FuzzFromJSON: no text causes a panic, and output can be parsed again.
func FuzzFromJSON(f *testing.F) {
	f.Add([]byte(`{"a":[1,"x",null,{"__class__":"datetime","year":2020,"month":13}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := document.FromJSON(data)
		if err != nil {
			return
		}
		text := document.JSON(v)
		if text == "" {
			return
		}
		again, err := document.FromJSON([]byte(text))
		if err != nil {
			t.Fatalf("%q does not read again: %v", text, err)
		}
		if second := document.JSON(again); second != text {
			t.Fatalf("%q is written as %q", text, second)
		}
	})
}
