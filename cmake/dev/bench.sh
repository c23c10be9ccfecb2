# bench: how often the faulty layer has the first rank, on the cases of some folders (bench/README.md says how to make some).

do_bench() {
	[ $# -gt 0 ] || {
		echo "usage: ./dev bench FOLDER... [-- OPTIONS OF RANK]; python bench/make_cases.py makes cases, see bench/README.md" >&2
		exit 2
	}
	do_deps
	do_build release
	python3 bench/score.py build/release/dlguider "$@"
}
