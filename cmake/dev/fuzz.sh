# fuzz: one libFuzzer target for SECONDS, from its seeds and what earlier runs found; findings stay in build/fuzz.

do_fuzz() {
	name=${1:-list}
	if [ "$name" = list ]; then
		for target in fuzz/fuzz_*.c; do basename "$target" .c | sed 's/^fuzz_//'; done
		return 0
	fi
	[ -e "fuzz/fuzz_$name.c" ] || {
		echo "dev: no fuzz target \"$name\"; ./dev fuzz list names them" >&2
		exit 2
	}
	do_deps --fuzz
	do_build fuzz
	corpus=build/fuzz/corpus/$name
	seeds=fuzz/seeds/$name
	mkdir -p "$corpus"
	[ -d "$seeds" ] || seeds=
	# shellcheck disable=SC2086
	"build/fuzz/fuzz/fuzz_$name" -max_total_time="${2:-60}" -timeout=5 -rss_limit_mb=2048 -malloc_limit_mb=1024 \
		-artifact_prefix="build/fuzz/$name-" "$corpus" $seeds
}
