# build, install: CMake presets below the shared deps folder.

do_build() {
	preset=${1:-release}
	case $preset in release | fuzz) tests=OFF ;; *) tests=ON ;; esac
	[ -e "build/$preset/build.ninja" ] || cmake --preset "$preset" -DDLGUIDER_DEPS="$DLGUIDER_DEPS" -DDLGUIDER_TESTS=$tests >/dev/null
	cmake --build "build/$preset" -j "$jobs" >"build/$preset/log" 2>&1 || {
		grep -E "error|warning|FAILED|undefined" "build/$preset/log" | head -n 40 >&2
		echo "dev: the build failed; the whole log is build/$preset/log" >&2
		exit 1
	}
}

do_install() {
	[ $# = 1 ] || {
		echo "usage: ./dev install PREFIX" >&2
		exit 2
	}
	do_deps
	do_build release
	cmake --install build/release --prefix "$1" >/dev/null
	echo "installed to $1"
}
