# check: all tests, with sanitizers; the closing line is `N passed, N failed`. ./dev check PATTERN runs the tests of that name.
# Both compilers build everything without warnings. Under gcc all tests run, under clang only those of the C side: what the
# Python tests see is the same program, and they take most of the time.

do_check() {
	do_deps --tests
	for preset in release asan clang; do do_build $preset; done
	results=build/check.log
	: >"$results"
	sound=true
	run_tests asan '^$' "${1:-.}"
	run_tests clang '^py\.' "${1:-.}"
	passed=$(grep -cE "$result_line.* Passed " "$results" || true)
	skipped=$(sed -nE "s|$result_line([^ ]+) .*[*]Skipped.*|\\1|p" "$results" | sort -u)
	failed=$(($(grep -cE "$result_line" "$results" || true) - passed - $(echo "$skipped" | grep -c . || true)))
	[ -z "$skipped" ] || echo "skipped, since something is not installed that its head names:" $skipped
	$sound || [ "$failed" -gt 0 ] || echo "dev: a run of ctest failed, see $results"
	echo "$passed passed, $failed failed"
	$sound && [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}

result_line='^ *[0-9]+/[0-9]+ Test +#[0-9]+: '

# $1 preset, $2 names to leave out, $3 names to run
run_tests() {
	echo "== tests, $1"
	{
		ctest --test-dir "build/$1" -j "$jobs" -E "$2" -R "$3" --output-on-failure --timeout 900 2>&1 || echo "ctest: failed"
	} | tee -a "$results" | grep --line-buffered -vE "^ +Start |^Internal|^Test project|^$" || true
	! tail -n 1 "$results" | grep -q "^ctest: failed" || sound=false
}
