# check: all tests, with sanitizers; the closing line is `N passed, N failed`.

do_check() {
	do_deps --tests
	do_build release
	do_build asan
	do_build clang
	log=$(mktemp)
	failed=0
	for preset in asan clang; do
		echo "== tests, $preset"
		ctest --test-dir "build/$preset" -j "$jobs" --output-on-failure --no-tests=error ${1:+-R "$1"} 2>&1 | tee -a "$log" | grep -vE "^ +Start |^Internal|^Test project" || true
	done
	passed=$(grep -cE "Test +#[0-9]+: .* Passed" "$log" || true)
	all=$(grep -cE "Test +#[0-9]+: " "$log" || true)
	failed=$((all - passed))
	rm -f "$log"
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}
