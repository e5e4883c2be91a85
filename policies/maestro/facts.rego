# A rule that decides by a fact must be told it: what is not said is denied, not assumed.
package maestro.rules

attributes := resource.attributes

deny["FACT_MISSING"] := {
	"msg": concat("", [input.action.name, " does not say ", concat(", ", names)]),
	"field": missing[0].field,
	"fix": concat("", ["state ", concat(", ", names), ": policy decides by it"]),
} if {
	count(missing) > 0
	names := [fact.name | some fact in missing]
}

missing := [fact | some fact in facts; needed(fact.name); not stated(fact.name)]

facts := [
	{"name": "delegatedBy", "field": "principal.delegatedBy"},
	{"name": "region", "field": "resource.region"},
	{"name": "dataClass", "field": "resource.dataClass"},
	{"name": "recipe or agent", "field": "resource.attributes.recipe"},
	{"name": "model", "field": "resource.attributes.model"},
	{"name": "plugin", "field": "resource.attributes.plugin"},
	{"name": "licences", "field": "resource.attributes.licences"},
	{"name": "paths", "field": "resource.attributes.paths"},
	{"name": "author", "field": "resource.attributes.author"},
	{"name": "for", "field": "resource.attributes.for"},
	{"name": "roles", "field": "resource.attributes.roles"},
]

# These bring a tenant's data to a place.
placed := {"environment.build", "run.start", "run.command", "model.call", "plugin.load"}

needed("delegatedBy") if input.action.principal.kind == "agent"

needed("region") if {
	input.action.name in placed
	not "*" in tenant.regions
}

needed("dataClass") if {
	input.action.name in placed
	tenant.dataClass != "public"
}

needed("recipe or agent") if {
	input.action.name in {"task.submit", "run.start"}
	some list in ["recipes", "agents"]
	tenant.policy[list]
}

needed("model") if {
	input.action.name == "model.call"
	tenant.policy.models
}

needed("plugin") if {
	input.action.name in {"plugin.install", "plugin.load"}
	tenant.policy.plugins
}

needed("licences") if {
	input.action.name in {"plugin.install", "plugin.load"}
	tenant.policy.licences
}

needed("paths") if input.action.name in {"change.push", "change.land"}

needed("author") if input.action.name in {"change.approve", "override.approve"}

needed("for") if input.action.name in {"key.create", "key.revoke"}

needed("roles") if input.action.name in {"key.create", "principal.set"}

stated("delegatedBy") if input.action.principal.delegatedBy

stated("region") if resource.region

stated("dataClass") if resource.dataClass

stated("recipe or agent") if attributes.recipe

stated("recipe or agent") if attributes.agent

stated(name) if attributes[name]
