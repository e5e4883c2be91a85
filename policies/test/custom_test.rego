# A company's own packages add reasons and obligations; they can take none away.
package maestro.custom_test

import data.maestro.decision
import data.maestro.decision_test

reason(code) := {"code": code, "msg": "because", "field": "resource", "fix": "ask"}

own := {
	"freeze": {"deny": {reason("B_FREEZE")}},
	"audit": {"deny": {reason("A_AUDIT")}, "person": {reason("A_WITNESS")}, "allow": true},
}

codes(reasons) := [each.code | some each in reasons]

test_own_reasons_come_last_in_order_of_code if {
	answer := decision.answer with input as decision_test.asked("task.submit", {"tenant": "umbra"})
		with data.maestro.custom as own
	codes(answer.reasons) == ["TENANT_MISMATCH", "A_AUDIT", "B_FREEZE"]
	[obligation.because.code | some obligation in answer.obligations] == ["A_WITNESS"]
	not answer.allow
}

test_own_allow_is_not_heard if {
	answer := decision.answer with input as decision_test.asked("task.submit", {"tenant": "umbra"})
		with data.maestro.custom as {"lax": {"allow": true, "deny": set()}}
	codes(answer.reasons) == ["TENANT_MISMATCH"]
}

test_nothing_changes_without_own_packages if {
	answer := decision.answer with input as decision_test.asked("task.submit", {})
	answer == {"allow": true, "reasons": [], "obligations": []}
}
