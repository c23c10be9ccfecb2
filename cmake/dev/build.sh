# build, install: CMake presets below the shared deps folder.

do_build() {
	preset=${1:-release}
	case $preset in release | fuzz) tests=OFF ;; *) tests=ON ;; esac
	mkdir -p "build/$preset"
	log=build/$preset/log
	echo "building $preset"
	if [ ! -e "build/$preset/build.ninja" ]; then
		cmake --preset "$preset" -DDLGUIDER_DEPS="$DLGUIDER_DEPS" -DDLGUIDER_TESTS=$tests >"$log" 2>&1 || build_failed
	fi
	cmake --build "build/$preset" -j "$jobs" >"$log" 2>&1 || build_failed
}

build_failed() {
	grep -iE "error|warning|FAILED|undefined" "$log" | head -n 40 >&2
	echo "dev: the build failed; the whole log is $log" >&2
	exit 1
}

do_install() {
	[ $# = 1 ] || {
		echo "usage: ./dev install PREFIX" >&2
		exit 2
	}
	do_deps
	do_build release
	cmake --install build/release --prefix "$1" >build/release/log
	echo "installed; try $1/bin/dlguider help"
}
