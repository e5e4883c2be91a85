package maestro.globs_test

import data.maestro.globs

test_expression_is_that_of_the_program if {
	globs.expression(["*.pem"]) == `(?i)^(?:(?:[^/]+/)*[^/]*\.pem)(?:/[^/]+)*$`
	globs.expression(["/a/**", "b{x,y?}"]) == `(?i)^(?:a/[^/]+(?:/[^/]+)*|(?:[^/]+/)*b(?:x|y[^/]))(?:/[^/]+)*$`
}

test_no_globs_cover_nothing if not globs.covered("a", [])

# A backslash is never let through; were it to reach the expression, the fault must cover, not clear.
test_a_broken_expression_covers if globs.covered("x", ["a\\"])
