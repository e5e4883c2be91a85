# What may be done with a change, from its paths, its author and the tenant's autonomy.
package maestro.rules

import data.maestro.globs

deny["PATH_DENIED"] := {
	"msg": concat("", ["the change touches ", some_of(hit), ", which no task of tenant ", tenant.id, " may touch"]),
	"field": "resource.attributes.paths",
	"fix": "submit a task that leaves these paths alone, or have a tenant admin change deniedPaths",
} if {
	input.action.name in {"change.push", "change.land"}
	hit := matching(tenant.policy.deniedPaths)
	count(hit) > 0
}

person["PATH_PROTECTED"] := {
	"msg": concat("", ["the change touches protected paths: ", some_of(hit)]),
	"field": "resource.attributes.paths",
	"fix": "look at the change and approve or reject it",
} if {
	input.action.name == "change.land"
	hit := matching(tenant.policy.protectedPaths)
	count(hit) > 0
}

deny["AUTONOMY_OBSERVE"] := {
	"msg": concat("", ["tenant ", tenant.id, " only observes: no change is proposed"]),
	"field": "tenant.policy.autonomy",
	"fix": "have a tenant admin raise autonomy to \"propose\"",
} if {
	input.action.name == "change.push"
	tenant.policy.autonomy == "observe"
}

person["AUTONOMY_PROPOSE"] := {
	"msg": concat("", ["tenant ", tenant.id, " has each change approved by a person"]),
	"field": "tenant.policy.autonomy",
	"fix": "look at the change and approve or reject it",
} if {
	input.action.name == "change.land"
	tenant.policy.autonomy == "propose"
}

approvals := {"change.approve", "override.approve"}

deny["APPROVER_NOT_HUMAN"] := {
	"msg": concat("", [input.action.principal.id, " is not a person, and only people approve"]),
	"field": "principal.kind",
	"fix": "have a human principal approve",
} if {
	input.action.name in approvals
	not input.action.principal.kind == "human"
}

deny["APPROVER_IS_AUTHOR"] := {
	"msg": concat("", [input.action.principal.id, " wrote this and cannot approve it"]),
	"field": "principal.id",
	"fix": "have another person approve",
} if {
	input.action.name in approvals
	attributes.author == input.action.principal.id
}

matching(globbed) := [path | some path in attributes.paths; globs.covered(path, globbed)] if count(globbed) > 0

some_of(paths) := concat(", ", paths) if count(paths) <= 3

some_of(paths) := concat("", [
	concat(", ", array.slice(paths, 0, 3)), " and ", format_int(count(paths) - 3, 10), " more",
]) if {
	count(paths) > 3
}
