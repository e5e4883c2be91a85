# METADATA
# title: May this happen?
# description: |
#   Input is {action, tenant}; the answer is {allow, reasons, obligations}. What cannot be read is denied, and nothing
#   else is said about it. A company's own packages below data.maestro.custom add to `deny` and `person`, never take away.
package maestro.decision

import data.maestro.rules
import data.maestro.shape

# The order in which reasons are told; codes that are missing here are told after those.
deny_order := [
	"ACTION_UNKNOWN",
	"TENANT_MISMATCH",
	"ROLE_MISSING",
	"FACT_MISSING",
	"REGION_NOT_ALLOWED",
	"DATA_CLASS_TOO_HIGH",
	"RECIPE_NOT_ALLOWED",
	"AGENT_NOT_ALLOWED",
	"MODEL_NOT_ALLOWED",
	"PLUGIN_NOT_ALLOWED",
	"LICENCE_NOT_ALLOWED",
	"PATH_DENIED",
	"AUTONOMY_OBSERVE",
	"APPROVER_NOT_HUMAN",
	"APPROVER_IS_AUTHOR",
	"ROLE_TOO_WIDE",
	"KEY_NOT_OWN",
	"ORIGIN_NOT_REMOTE",
	"ORIGIN_NOT_PUBLIC",
]

person_order := ["PATH_PROTECTED", "AUTONOMY_PROPOSE"]

answer := {"allow": false, "reasons": [shape.fault], "obligations": []} if shape.fault

answer := {
	"allow": count(reasons) == 0,
	"reasons": reasons,
	"obligations": [{"kind": "person", "because": because} | some because in people],
} if {
	not shape.fault
}

reasons := array.concat(told(deny_order, rules.deny), own_reasons)

people := array.concat(told(person_order, rules.person), own_people)

told(order, said) := array.concat(
	[object.union(said[code], {"code": code}) | some code in order; said[code]],
	[object.union(reason, {"code": code}) | some code, reason in said; not code in order],
)

own_reasons := [reason | some reason in {each | some pkg; some each in data.maestro.custom[pkg].deny}]

own_people := [reason | some reason in {each | some pkg; some each in data.maestro.custom[pkg].person}]
