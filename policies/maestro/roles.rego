# Who may do what. The table is that of src/domain/role.ts.
package maestro.rules

viewer := {"tenant.read", "repo.read", "key.create", "key.revoke"}

operator := viewer | {
	"task.submit",
	"task.cancel",
	"task.retry",
	"repo.push",
	"change.comment",
	"model.call",
	"plugin.load",
	"override.request",
	"tenant.stop",
}

approver := viewer | {"change.approve", "change.reject", "change.comment", "override.approve", "override.revoke"}

tenant_admin := (operator | approver) | {
	"tenant.rules",
	"tenant.resume",
	"repo.add",
	"plugin.install",
	"config.apply",
	"access.read",
	"principal.set",
	"webhook.add",
	"webhook.remove",
	"webhook.test",
}

platform_admin := tenant_admin | {
	"tenant.create",
	"tenant.update",
	"tenant.erase",
	"budget.topup",
	"platform.read",
	"principal.disable",
	"worker.set",
	"plugin.trust",
	"secret.rotate",
	"audit.prune",
}

# The role of the conductor and of the agents in its runs; nobody else is given it.
conductor := {
	"environment.build",
	"run.start",
	"run.command",
	"model.call",
	"plugin.install",
	"plugin.load",
	"change.push",
	"change.propose",
	"change.land",
}

# Those that can be given, from least to most.
roles := ["viewer", "operator", "approver", "tenant-admin", "platform-admin"]

role_actions := {
	"viewer": viewer,
	"operator": operator,
	"approver": approver,
	"tenant-admin": tenant_admin,
	"platform-admin": platform_admin,
	"conductor": conductor,
}

# Roles of the principal that count where the resource is.
held := {grant.role |
	some grant in object.get(input.action.principal, "grants", [])
	grant.tenant in {"*", resource.tenant}
}

may(action) if {
	some role in held
	action in role_actions[role]
}

deny["ROLE_MISSING"] := {
	"msg": concat("", [
		input.action.principal.id, " has no role in tenant ", resource.tenant, " that may ", input.action.name,
	]),
	"field": "principal.grants",
	"fix": concat("", [
		"have an admin give one of these roles: ",
		listed(giving, "none, the conductor alone does this"),
	]),
} if {
	input.action.name in actions
	not may(input.action.name)
	giving := [role | some role in roles; input.action.name in role_actions[role]]
}

deny["ROLE_TOO_WIDE"] := {
	"msg": concat("", [
		input.action.principal.id, " cannot give ", concat(", ", wide), " in tenant ", resource.tenant,
		": it holds less there",
	]),
	"field": "resource.attributes.roles",
	"fix": "give a role that you hold there yourself, or ask a platform admin",
} if {
	input.action.name in {"principal.set", "key.create"}
	wide := [role | some role in attributes.roles; not covers(role)]
	count(wide) > 0
}

covers(role) if {
	role in roles
	every action in role_actions[role] { may(action) }
}

deny["KEY_NOT_OWN"] := {
	"msg": concat("", [input.action.principal.id, " has no say over keys that act as ", attributes.for]),
	"field": "resource.attributes.for",
	"fix": concat("", ["have ", attributes.for, " or a platform admin do it"]),
} if {
	input.action.name in {"key.create", "key.revoke"}
	attributes.for
	not over_key
}

over_key if attributes.for == input.action.principal.id

over_key if "platform-admin" in held

over_key if {
	"tenant-admin" in held
	not startswith(attributes.for, "human:")
}

deny["ORIGIN_NOT_REMOTE"] := {
	"msg": "only a platform admin takes repositories in from the disk of the server",
	"field": "resource.attributes.origin",
	"fix": "give an https:// or ssh:// address, or ask a platform admin",
} if {
	input.action.name == "repo.add"
	not remote
	not "platform-admin" in held
}

# An address that the server reaches and others do not: its own services, its network, its cloud's.
deny["ORIGIN_NOT_PUBLIC"] := {
	"msg": concat("", [attributes.host, " is not a public address, and only a platform admin takes repositories in from there"]),
	"field": "resource.attributes.origin",
	"fix": "give a public address, have the host added to repo.hosts, or ask a platform admin",
} if {
	input.action.name == "repo.add"
	attributes.reach == "private"
	not "platform-admin" in held
}

remote if {
	some prefix in ["https://", "ssh://", "git@"]
	startswith(attributes.origin, prefix)
}
