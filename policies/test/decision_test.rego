package maestro.decision_test

import data.maestro.decision
import data.maestro.rules

tenant := {"id": "acme", "regions": ["eu"], "dataClass": "internal", "policy": {}}

ada := {"id": "human:ada", "kind": "human", "grants": [{"role": "platform-admin", "tenant": "*"}]}

asked(name, resource) := {
	"action": {
		"name": name,
		"principal": ada,
		"resource": object.union({"kind": "thing", "id": "x", "tenant": "acme", "attributes": {}}, resource),
	},
	"tenant": tenant,
}

# The table that every engine passes; `opa test` is given it as data.vectors.
test_every_vector if {
	count(data.vectors) > 300
	wrong := [vector.name |
		some vector in data.vectors
		answer := decision.answer with input as vector.input
		said := [
			[reason.code | some reason in answer.reasons],
			[obligation.because.code | some obligation in answer.obligations],
			answer.allow,
		]
		said != [vector.deny, vector.person, vector.deny == []]
	]
	wrong == []
}

test_every_vector_has_an_answer if {
	answered := [vector.name | some vector in data.vectors; decision.answer with input as vector.input]
	count(answered) == count(data.vectors)
}

test_every_rule_has_a_place_in_the_order if {
	codes := {code | some vector in data.vectors; some code, _ in rules.deny with input as vector.input}
	codes - {code | some code in decision.deny_order} == set()
	people := {code | some vector in data.vectors; some code, _ in rules.person with input as vector.input}
	people - {code | some code in decision.person_order} == set()
}

test_nothing_is_allowed_without_input if {
	answer := decision.answer with input as {}
	not answer.allow
}

test_every_reason_names_field_and_fix if {
	every vector in data.vectors {
		answer := decision.answer with input as vector.input
		every reason in answer.reasons {
			object.keys(reason) == {"code", "msg", "field", "fix"}
			every text in reason { text != "" }
		}
	}
}
