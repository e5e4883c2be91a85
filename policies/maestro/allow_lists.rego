# Named things must stand in the tenant's list when the tenant has one; an empty list allows nothing.
package maestro.rules

allow_lists := {
	"RECIPE_NOT_ALLOWED": {"list": "recipes", "attribute": "recipe", "actions": {"task.submit", "run.start"}},
	"AGENT_NOT_ALLOWED": {"list": "agents", "attribute": "agent", "actions": {"task.submit", "run.start"}},
	"MODEL_NOT_ALLOWED": {"list": "models", "attribute": "model", "actions": {"model.call"}},
	"PLUGIN_NOT_ALLOWED": {"list": "plugins", "attribute": "plugin", "actions": {"plugin.install", "plugin.load"}},
}

deny[code] := {
	"msg": concat("", [
		row.attribute, " \"", name, "\" is not allowed for tenant ", tenant.id,
		" (allowed: ", known, ")",
	]),
	"field": concat("", ["resource.attributes.", row.attribute]),
	"fix": concat("", [
		"use one of: ", known, "; or ask a tenant admin to add \"", name,
		"\" to the tenant's ", row.list,
	]),
} if {
	some code, row in allow_lists
	input.action.name in row.actions
	name := attributes[row.attribute]
	allowed := tenant.policy[row.list]
	not name in allowed
	known := listed(allowed, "none")
}

# Every licence that a plugin or a new dependency brings must be allowed.
deny["LICENCE_NOT_ALLOWED"] := {
	"msg": concat("", ["licence ", names, " is not allowed for tenant ", tenant.id]),
	"field": "resource.attributes.licences",
	"fix": concat("", [
		"use something under ", listed(allowed, "an allowed licence"),
		", or ask a tenant admin to allow ", names,
	]),
} if {
	input.action.name in {"plugin.install", "plugin.load", "change.land"}
	allowed := tenant.policy.licences
	refused := [licence | some licence in attributes.licences; not licence in allowed]
	count(refused) > 0
	names := concat(", ", refused)
}
