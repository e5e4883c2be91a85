# Path globs as in src/domain/path-glob.ts, where they are explained: the same regular expression is written here.
package maestro.globs

# An expression that cannot be read covers everything, so that a fault denies and never allows.
covered(path, globs) if not clear(path, globs)

clear(path, globs) if regex.match(expression(globs), path) == false

expression(globs) := concat("", ["(?i)^(?:", concat("|", [anchored(body(glob)) | some glob in globs]), ")(?:/[^/]+)*$"])

body(glob) := trim_right(trim_prefix(glob, "./"), "/")

anchored(text) := translated(trim_left(text, "/")) if contains(text, "/")

anchored(text) := translated(concat("", ["**/", text])) if not contains(text, "/")

# Control characters stand for what must not be read twice.
translated(glob) := replaced(alternatives(escaped(glob)), [
	["**/", "\u0001"],
	["**", "\u0002"],
	["*", "[^/]*"],
	["?", "[^/]"],
	["\u0001", "(?:[^/]+/)*"],
	["\u0002", "[^/]+(?:/[^/]+)*"],
	["\u0003", "(?:"],
	["\u0004", ")"],
])

replaced(text, [a, b, c, d, e, f, g, h]) := step(step(step(step(step(step(step(step(text, a), b), c), d), e), f), g), h)

step(text, pair) := replace(text, pair[0], pair[1])

escaped(glob) := strings.replace_n(
	{".": "\\.", "+": "\\+", "^": "\\^", "$": "\\$", "(": "\\(", ")": "\\)", "|": "\\|"},
	glob,
)

# `{a,b}` as `(?:a|b)`; `sound` has seen that braces come in pairs.
alternatives(glob) := concat("", array.concat([parts[0]], [group(part) | some i, part in parts; i > 0])) if {
	parts := split(glob, "{")
}

group(part) := concat("", ["\u0003", replace(halves[0], ",", "|"), "\u0004", halves[1]]) if halves := split(part, "}")

# Neither brackets nor backslashes, so that nobody expects them to work; braces as {a,b} within one segment.
sound(glob) if {
	not regex.match(`[\\\[\]\x00-\x1f\x7f-\x{9f}]`, glob)
	parts := split(glob, "{")
	not contains(parts[0], "}")
	every i, part in parts { braced(i, part) }
	plain := concat("", array.concat([parts[0]], [outside(part) | some i, part in parts; i > 0]))
	every segment in split(trim_left(body(plain), "/"), "/") { sound_segment(segment) }
}

braced(0, _)

braced(i, part) if {
	i > 0
	halves := split(part, "}")
	count(halves) == 2
	contains(halves[0], ",")
	not contains(halves[0], "/")
	not contains(halves[0], "**")
}

outside(part) := concat("", ["x", split(part, "}")[1]])

sound_segment("**")

sound_segment(segment) if {
	not segment in {"", ".", ".."}
	not contains(segment, "**")
}

is_plain(path) if {
	regex.match(`^[^/]+(?:/[^/]+)*$`, path)
	not regex.match(`(?:^|/)\.\.?(?:/|$)`, path)
}
