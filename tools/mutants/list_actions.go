package main

// actionMutants leave out one gate of actions each.
func actionMutants() []mutant {
	gate := func(name, breaks, old, changed string, tests ...string) mutant {
		return mutant{name: name, breaks: breaks, old: old, new: changed, pkg: "./actions", tests: tests}
	}
	proof := func(name, breaks, old, changed, test string) mutant {
		return mutant{name: name, breaks: breaks, old: old, new: changed, pkg: "./actions/access", tests: []string{test}}
	}
	return []mutant{
		proof("access-algorithm", "a token's algorithm is RS256", `h.Alg != "RS256" || h.Crit != nil`, "false", "TestRefusals"),
		proof("access-token-signature", "a token is signed by the team", "rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) != nil", "rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) == rsa.ErrDecryption", "TestRefusals"),
		proof("access-issuer", "a token is of the team", "c.Issuer != v.cfg.Team", "false", "TestRefusals"),
		proof("access-audience", "a foreign audience is refused", "!hasAudience(c.Audience, v.cfg.Audience)", "false", "TestRefusals"),
		proof("access-expired", "a token expires", "!at(*c.Expires).After(now.Add(-skew))", "false", "TestRefusals"),
		proof("access-future", "a token is not of the future", "at(*c.Issued).After(now.Add(skew))", "false", "TestRefusals"),
		proof("access-old", "a token is young", "> v.cfg.MaxAge+skew", "> 100*v.cfg.MaxAge", "TestRefusals"),
		proof("access-type", "a token is an application's", `c.Type != "app"`, "false", "TestRefusals"),
		proof("access-nobody", "a token names a person", `c.Email == "" || c.Subject == ""`, "false", "TestRefusals"),
		proof("access-signature", "a request is signed by the Worker", "!ed25519.Verify(key, signed(r.Method, r.URL.EscapedPath(), body, seconds, nonce, token), signature)", "len(key)+len(signature) == 0", "TestRefusals"),
		proof("access-signature-old", "a signed request is young", "now.Sub(at) > maxSignature", "false", "TestRefusals"),
		proof("access-signature-future", "a signed request is not of the future", "at.Sub(now) > skew", "false", "TestRefusals"),
		proof("access-old-key", "a key that was removed is refused", "!known", "!known && id == \"\"", "TestRefusals"),
		proof("access-nonce", "a request is taken once", "!v.nonces.take(nonce)", "false", "TestReplay"),
		gate("actions-always-on", "actions are off unless they are turned on", "!e.cfg.Settings.Enabled", "false", "TestGates/off"),
		gate("actions-no-kill-switch", "the kill switch stops them", "err != nil", "err != nil && false", "TestGates/the_kill_switch", "TestPreconditionIsReadAgain/the_kill_switch,_after_the_intent"),
		gate("actions-any-account", "only what is listed is allowed", "a != nil", "a != nil || true", "TestGates/another_account", "TestGates/another_environment", "TestGates/another_action"),
		gate("actions-any-key", "only the tags that are listed are set", "!slices.Contains(a.Keys, params[tagKey])", "false", "TestTagKeys"),
		gate("actions-any-rule", "an action ends only violations of its own rules", `rule == "" || len(i.Rules) > 0 && !slices.Contains(i.Rules, rule)`, `slices.Contains(i.Rules, rule) && len(i.Rules) > 100`, "TestGates/a_rule_that_it_does_not_end"),
		gate("actions-any-violation", "the violation is open", "v.Status != violationOpen", "false", "TestGates/resolved", "TestGates/exempt"),
		gate("actions-old-scan", "the violation rests on a scan of the last day", "> scanAge", "> 1000*scanAge", "TestGates/an_old_scan"),
		gate("actions-protected", "a protected resource is refused", "ProtectedTag) {", "ProtectedTag) && false {", "TestGates/protected"),
		gate("actions-hour", "at most 10 an hour", "len(hour) >= l.Hour", "false", "TestLimits/10_an_hour"),
		gate("actions-account-hour", "at most 3 an account and hour", "len(account) >= l.AccountHour", "false", "TestLimits/3_an_account_and_hour", "TestLimits/side_by_side_never_one_too_many"),
		gate("actions-type", "at most 2% of a type in a day", "> most", "> most+1000", "TestLimits/2%_of_a_type_in_a_day"),
		gate("actions-any-seal", "a plan that was changed is refused", "!hmac.Equal(sum, mac(key, strings.Join(parts[:3], \".\")))", "!hmac.Equal(sum, sum) && len(key) == 0", "TestSeals"),
		gate("actions-any-approval", "an approval is of one plan and phase", "a.Plan != p.ID || a.Hash != p.hash || a.For != phase", "false", "TestSeals", "TestSecondPerson/an_undo_in_production_needs_its_own_approval"),
		gate("actions-same-person", "who asked cannot approve", "a.By.Is(p.AskedBy)", "false", "TestOwnApprovalIsRefused"),
		gate("actions-approver-runs", "who approved does not execute or undo", "a.By.Is(caller)", "false", "TestApproverIsNotTheCaller"),
		gate("actions-approves-own", "who asked cannot approve", "c.Person.Is(p.AskedBy)", "false", "TestSeals"),
		gate("actions-production", "production needs a second person", "s.isProduction(account, environment)", "false", "TestSecondPerson/production"),
		gate("actions-irreversible", "what cannot be undone needs a second person", `i.Irreversible != ""`, "false", "TestSecondPerson/what_cannot_be_undone"),
		gate("actions-amount", "a second person is needed above an amount", "m.Amount.GreaterThan(above.Amount)", "false", "TestSecondPerson/above_the_amount"),
		gate("actions-unseen-intent", "the intent is visible before the call", "wait == nil && mine", "wait == nil", "TestNothingWithoutTheJournal/the_intent_does_not_become_visible"),
		gate("actions-undo-others-work", "an undo touches nothing that somebody else did", "done.Effect(s) != action.Taken", "done.Effect(s) > action.Taken", "TestUndoOnlyWhatThePlanLeft"),
		gate("actions-expired", "a plan expires", "now.After(r.p.Expires)", "false", "TestPlanExpires"),
		gate("actions-one-person", "a second person approves what needs one", "len(why) > 0 && by == nil", "len(why) > 1000 && by == nil", "TestSecondPerson"),
		gate("actions-precondition", "the precondition is read again", "factsHash(s.Facts) != r.p.Precondition", "false", "TestPreconditionIsReadAgain"),
		gate("actions-no-second-look", "it is read again just before the call", "r.holds(ctx); err != nil", "error(nil); err != nil", "TestPreconditionIsReadAgain"),
		gate("actions-too-late", "a call begins soon after its intent", "> r.cfg.Times.Begin", "> 100*r.cfg.Times.Begin", "TestNothingWithoutTheJournal/it_becomes_visible_too_late"),
		gate("actions-no-audit", "the intent is acknowledged before the call", "err != nil", "err != nil && false", "TestNothingWithoutTheJournal/the_queue_does_not_acknowledge_the_intent"),
		gate("actions-not-alone", "two attempts on a resource do not both go on", "case a.open():", "case a.open() && false:", "TestSideBySide"),
		gate("actions-replay", "a request that is sent again is refused", "a.intent.Nonce == r.c.Nonce", "false", "TestReplay"),
		gate("actions-secret-facts", "no secret reaches a plan or the journal", "!bytes.Equal(clean, facts)", "!bytes.Equal(clean, clean)", "TestGates/what_an_undo_needs_is_a_secret"),
		gate("actions-not-settled", "an attempt without an end is settled by looking", "if a.open() {", "if false {", "TestNextRequestSettles"),
		gate("actions-forgets-unanswered", "a call without an answer is not taken for refused", "!unanswered(err)", "true", "TestOutcomes", "TestKills"),
		gate("actions-undo-overtaken", "a plan is not undone under a later one", "len(later) > 0", "false", "TestUndoInOrder"),
		gate("actions-exposes-alone", "an undo that exposes needs a second person", `i.UndoExposes != ""`, "false", "TestUndoExposes"),
		gate("actions-another-resource", "an undo is of the resource that was changed", "s.Facts[action.Identity] != r.p.Facts[action.Identity]", "false", "TestUndoOfAnotherResource"),
		gate("actions-applies-pending", "an undo applies nobody else's modifications", `s.Facts["pending"] != ""`, "false", "TestPendingModifications"),
		gate("delete-old-snapshot", "a snapshot from before the plan does not count", "shot.StartTime == nil || shot.StartTime.Before(planned)", "false", "TestDeleteOnlyWhatTheSnapshotHas"),
		gate("delete-long-after", "a volume is deleted soon after its snapshot", "r.now().After(step.Until(s))", "false", "TestDeleteOnlyWhatTheSnapshotHas"),
		gate("delete-after-use", "a volume that was attached since the plan is not deleted", "len(calls) > 0:", "len(calls) > 1000:", "TestDeleteOnlyWhatTheSnapshotHas"),
		gate("delete-before-snapshot", "nothing is deleted before its snapshot is complete", "case string(types.SnapshotStateCompleted):", "default:", "TestNoDeleteWithoutSnapshot"),
	}
}
