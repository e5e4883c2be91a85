# What belongs to whom, and where it may go.
package maestro.rules

resource := input.action.resource

tenant := input.tenant

actions := {
	"tenant.create",
	"tenant.update",
	"tenant.erase",
	"tenant.rules",
	"tenant.read",
	"platform.read",
	"budget.topup",
	"tenant.stop",
	"tenant.resume",
	"repo.add",
	"repo.read",
	"repo.push",
	"task.submit",
	"task.cancel",
	"task.retry",
	"environment.build",
	"run.start",
	"run.command",
	"model.call",
	"plugin.install",
	"plugin.load",
	"change.push",
	"change.propose",
	"change.approve",
	"change.reject",
	"change.comment",
	"change.land",
	"override.request",
	"override.approve",
	"override.revoke",
	"config.apply",
	"access.read",
	"principal.set",
	"principal.disable",
	"key.create",
	"key.revoke",
	"webhook.add",
	"webhook.remove",
	"webhook.test",
	"worker.set",
	"plugin.trust",
	"secret.rotate",
	"audit.prune",
}

deny["ACTION_UNKNOWN"] := {
	"msg": concat("", ["no rule knows the action \"", input.action.name, "\""]),
	"field": "action",
	"fix": "use one of the enumerated actions",
} if {
	not input.action.name in actions
}

# Nothing of one tenant is ever done in the name of another.
deny["TENANT_MISMATCH"] := {
	"msg": concat("", ["the ", resource.kind, " belongs to another tenant"]),
	"field": "resource.tenant",
	"fix": concat("", ["name a ", resource.kind, " of tenant ", tenant.id]),
} if {
	not resource.tenant == tenant.id
}

# Where data may go: workers, models, caches and plugins state their region; `*` in the tenant's list allows each.
deny["REGION_NOT_ALLOWED"] := {
	"msg": concat("", [
		"region \"", resource.region, "\" is not among those of tenant ", tenant.id,
		" (", listed(tenant.regions, "none"), ")",
	]),
	"field": "resource.region",
	"fix": concat("", ["use a ", resource.kind, " in ", listed(tenant.regions, "an allowed region")]),
} if {
	resource.region
	not "*" in tenant.regions
	not resource.region in tenant.regions
}

# From least to most sensitive.
rank := {"public": 0, "internal": 1, "confidential": 2, "restricted": 3}

# A resource that is cleared for less than the tenant's data class never sees the tenant's data.
deny["DATA_CLASS_TOO_HIGH"] := {
	"msg": concat("", [
		"the data of tenant ", tenant.id, " is ", tenant.dataClass,
		"; the ", resource.kind, " is cleared for ", resource.dataClass,
	]),
	"field": "resource.dataClass",
	"fix": concat("", ["use a ", resource.kind, " cleared for ", tenant.dataClass]),
} if {
	resource.dataClass
	not rank[tenant.dataClass] <= rank[resource.dataClass]
}

listed(members, otherwise) := otherwise if count(members) == 0

listed(members, _) := concat(", ", members) if count(members) > 0
