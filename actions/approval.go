package actions

import "time"

// Phase is what is done with a plan.
type Phase string

// Phases.
const (
	PhaseExecute Phase = "execute"
	PhaseUndo    Phase = "undo"
)

// Approval is somebody's consent to a plan, or to its undo. It travels sealed.
type Approval struct {
	Plan string `json:"plan"`
	// Hash is of the plan's whole content.
	Hash    string    `json:"hash"`
	For     Phase     `json:"for"`
	By      Person    `json:"by"`
	At      time.Time `json:"at"`
	Expires time.Time `json:"expires"`
}

// approvedBy returns who else than the plan's author and the caller approved it, by any of the approvals.
// Each must be whole and of this plan.
func (e *Engine) approvedBy(p sealed, caller Person, phase Phase, approvals []string, now time.Time) (*Person, error) {
	var by *Person
	for _, text := range approvals {
		payload, err := e.cfg.Keys.open(kindApproval, text)
		if err != nil {
			return nil, refuse(CodeBadApproval, "An approval is not one of this function's, or it was changed.")
		}
		var a Approval
		if err := decode(payload, &a); err != nil {
			return nil, refuseBy(CodeBadApproval, err, "An approval is of another version of this function.")
		}
		switch {
		case a.Plan != p.ID || a.Hash != p.hash || a.For != phase: //mutant:actions-any-approval
			return nil, refuse(CodeBadApproval, "An approval is of another plan, or of another phase of it.")
		case now.After(a.Expires):
			return nil, refuse(CodeExpired, "An approval has expired: approve again.")
		case a.By.Is(p.AskedBy): //mutant:actions-same-person
			return nil, refuse(CodeSamePerson, "Who asked for a plan cannot approve it.")
		case a.By.Is(caller): //mutant:actions-approver-runs
			return nil, refuse(CodeSamePerson, "Who approved it cannot %s it.", phase)
		}
		by = &a.By
	}
	return by, nil
}
