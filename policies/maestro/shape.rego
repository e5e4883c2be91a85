# What the input must look like before any rule reads it. The table is that of src/policy/shape.ts, in the same order.
package maestro.shape

import data.maestro.globs

rows := [
	{"at": ["action", "name"], "kind": "text", "required": true},
	{"at": ["action", "principal", "id"], "kind": "text", "required": true},
	{"at": ["action", "principal", "kind"], "kind": "principal", "required": true},
	{"at": ["action", "principal", "delegatedBy"], "kind": "text", "required": false},
	{"at": ["action", "principal", "grants"], "kind": "grants", "required": false},
	{"at": ["action", "resource", "kind"], "kind": "text", "required": true},
	{"at": ["action", "resource", "id"], "kind": "text", "required": true},
	{"at": ["action", "resource", "tenant"], "kind": "text", "required": true},
	{"at": ["action", "resource", "region"], "kind": "text", "required": false},
	{"at": ["action", "resource", "dataClass"], "kind": "dataClass", "required": false},
	{"at": ["action", "resource", "attributes"], "kind": "object", "required": true},
	{"at": ["action", "resource", "attributes", "recipe"], "kind": "text", "required": false},
	{"at": ["action", "resource", "attributes", "agent"], "kind": "text", "required": false},
	{"at": ["action", "resource", "attributes", "model"], "kind": "text", "required": false},
	{"at": ["action", "resource", "attributes", "plugin"], "kind": "text", "required": false},
	{"at": ["action", "resource", "attributes", "author"], "kind": "text", "required": false},
	{"at": ["action", "resource", "attributes", "for"], "kind": "text", "required": false},
	{"at": ["action", "resource", "attributes", "origin"], "kind": "text", "required": false},
	{"at": ["action", "resource", "attributes", "roles"], "kind": "texts", "required": false},
	{"at": ["action", "resource", "attributes", "licences"], "kind": "texts", "required": false},
	{"at": ["action", "resource", "attributes", "paths"], "kind": "paths", "required": false},
	{"at": ["tenant", "id"], "kind": "text", "required": true},
	{"at": ["tenant", "regions"], "kind": "texts", "required": true},
	{"at": ["tenant", "dataClass"], "kind": "dataClass", "required": true},
	{"at": ["tenant", "policy"], "kind": "object", "required": true},
	{"at": ["tenant", "policy", "recipes"], "kind": "texts", "required": false},
	{"at": ["tenant", "policy", "agents"], "kind": "texts", "required": false},
	{"at": ["tenant", "policy", "models"], "kind": "texts", "required": false},
	{"at": ["tenant", "policy", "plugins"], "kind": "texts", "required": false},
	{"at": ["tenant", "policy", "licences"], "kind": "texts", "required": false},
	{"at": ["tenant", "policy", "deniedPaths"], "kind": "globs", "required": false},
	{"at": ["tenant", "policy", "protectedPaths"], "kind": "globs", "required": false},
	{"at": ["tenant", "policy", "autonomy"], "kind": "autonomy", "required": false},
]

called := {
	"text": "a text",
	"texts": "a list of texts",
	"object": "an object",
	"grants": "a list of roles with their tenants",
	"paths": "a list of plain paths from the top of the repository",
	"globs": "a list of path globs: *, ?, ** as a segment, {a,b}",
	"principal": "one of human, service, agent",
	"dataClass": "one of public, internal, confidential, restricted",
	"autonomy": "one of observe, propose, auto",
}

fault := faults[0]

faults := [said(row) | some row in rows; not sound(row)]

# No JSON value is a set, so this is told apart from everything that was sent.
absent := set()

sound(row) if fits(row.kind, object.get(input, row.at, absent))

sound(row) if {
	row.required == false
	object.get(input, row.at, absent) == absent
}

said(row) := {
	"code": "INPUT_INVALID",
	"msg": concat("", [field(row), " is not ", called[row.kind]]),
	"field": field(row),
	"fix": concat("", ["give ", field(row), " as ", called[row.kind]]),
}

field(row) := trim_prefix(concat(".", row.at), "action.")

fits("text", value) if is_string(value)

fits("texts", value) if texts(value)

fits("object", value) if is_object(value)

fits("principal", value) if value in ["human", "service", "agent"]

fits("dataClass", value) if value in ["public", "internal", "confidential", "restricted"]

fits("autonomy", value) if value in ["observe", "propose", "auto"]

fits("grants", value) if {
	is_array(value)
	every grant in value {
		is_object(grant)
		is_string(grant.role)
		is_string(grant.tenant)
	}
}

fits("paths", value) if {
	texts(value)
	every path in value { globs.is_plain(path) }
}

fits("globs", value) if {
	texts(value)
	every glob in value { globs.sound(glob) }
}

texts(value) if {
	is_array(value)
	every member in value { is_string(member) }
}
