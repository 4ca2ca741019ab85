package terraform_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// The StackSet is created and destroyed, and its template's role allows what the code
// calls. moto returns too little of it for a second plan.
func TestStackSet(t *testing.T) {
	t.Parallel()
	heavy(t)
	need(t, "terraform")
	w := checkout(t, "modules/read-role-stackset",
		"AWS_ENDPOINT_URL="+startAWS(t), "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_REGION=eu-west-1", "AWS_EC2_METADATA_DISABLED=true")
	settings := `{"env":"prod","collector_account_id":"123456789012","external_id":"polo-prod"}`
	if err := os.WriteFile(filepath.Join(w.dir, "terraform.tfvars.json"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	w.run(t, "apply", "-auto-approve", "-input=false")
	var template struct {
		Resources map[string]struct {
			Properties struct {
				RoleName string
				Policies []struct{ PolicyDocument policy }
			}
		}
	}
	if err := json.Unmarshal([]byte(w.run(t, "output", "-raw", "template")), &template); err != nil {
		t.Fatal(err)
	}
	role := template.Resources["ReadRole"].Properties
	if role.RoleName != "prod-PoloReadRole" || len(role.Policies) != 1 {
		t.Fatalf("the template's role is %q, with %d policies", role.RoleName, len(role.Policies))
	}
	var wanted []string
	for source, ops := range calledOf(t) {
		// Where the bills are, the payer's account gets its role separately.
		if source != "aws.cur" {
			wanted = append(wanted, actions(ops)...)
		}
	}
	for _, problem := range compare("the template", wanted, role.Policies[0].PolicyDocument.allowed()) {
		t.Error(problem)
	}
	w.run(t, "destroy", "-auto-approve", "-input=false")
}
