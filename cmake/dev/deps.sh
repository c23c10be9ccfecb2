# deps: Debian packages, the pinned engine, the pinned Python oracles. Each step is skipped when its result is there.

build_packages="gcc cmake ninja-build pkg-config libjansson-dev zlib1g-dev libcsv-dev libpng-dev libjpeg-dev libssl-dev ca-certificates python3 python3-venv python3-pip unzip git"
test_packages="clang libcmocka-dev libclang-rt-dev strace chromium"

engine_version=1.28.0
engine_library=libonnxruntime.so.$engine_version

missing_packages() {
	for package in "$@"; do
		dpkg-query -W -f='${Status}\n' "$package" 2>/dev/null | grep -q "ok installed" || printf '%s ' "$package"
	done
}

install_packages() {
	if ! command -v dpkg-query >/dev/null; then
		echo "dev: this is no Debian system; install the equivalents of: $*" >&2
		return 0
	fi
	missing=$(missing_packages "$@")
	[ -z "$missing" ] && return 0
	if [ "$(id -u)" = 0 ]; then
		root=
	elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
		root=sudo
	else
		echo "dev: packages are missing; run this as root (or with sudo), then try again:" >&2
		echo "  apt-get update && apt-get install --no-install-recommends $missing" >&2
		exit 2
	fi
	echo "installing: $missing"
	$root apt-get update -qq
	# shellcheck disable=SC2086
	DEBIAN_FRONTEND=noninteractive $root apt-get install -qq --no-install-recommends $missing >"$DLGUIDER_DEPS/apt.log" 2>&1 || {
		tail -n 20 "$DLGUIDER_DEPS/apt.log" >&2
		exit 2
	}
}

# The wheel is only a carrier: one shared library is taken out of it, whatever the machine's Python is.
install_engine() {
	[ -e "$DLGUIDER_DEPS/onnxruntime/$engine_library" ] && return 0
	echo "fetching ONNX Runtime $engine_version"
	rm -rf "$DLGUIDER_DEPS/wheel"
	python3 -m pip download -q --no-deps --only-binary=:all: --python-version 3.11 --implementation cp --abi cp311 \
		--platform "manylinux_2_28_$(uname -m)" --platform "manylinux_2_27_$(uname -m)" \
		--require-hashes -r cmake/engine-requirement.txt -d "$DLGUIDER_DEPS/wheel"
	mkdir -p "$DLGUIDER_DEPS/onnxruntime"
	unzip -q -o -j "$DLGUIDER_DEPS"/wheel/onnxruntime-*.whl "onnxruntime/capi/$engine_library" onnxruntime/LICENSE \
		onnxruntime/ThirdPartyNotices.txt -d "$DLGUIDER_DEPS/onnxruntime"
	ln -sf "$engine_library" "$DLGUIDER_DEPS/onnxruntime/libonnxruntime.so.1"
	rm -rf "$DLGUIDER_DEPS/wheel"
}

# Only C sources are taken out of the source packages. The grammar's scanner.c is missing in the package of 0.25.0; that of
# 0.23.6 has the same external tokens.
install_grammar() {
	tree=$DLGUIDER_DEPS/tree-sitter
	[ -e "$tree/python/scanner.c" ] && return 0
	echo "fetching the Python grammar of tree-sitter"
	rm -rf "$tree" "$DLGUIDER_DEPS/sdist"
	for list in grammar-requirements scanner-requirement; do
		python3 -m pip download -q --disable-pip-version-check --no-deps --no-binary :all: --require-hashes -r "cmake/$list.txt" -d "$DLGUIDER_DEPS/sdist"
	done
	for archive in "$DLGUIDER_DEPS"/sdist/*.tar.gz; do
		tar -xzf "$archive" -C "$DLGUIDER_DEPS/sdist"
	done
	mkdir -p "$tree/python"
	cp -R "$DLGUIDER_DEPS"/sdist/tree-sitter-0.25.2/tree_sitter/core/lib "$tree/core"
	cp -R "$DLGUIDER_DEPS"/sdist/tree_sitter_python-0.25.0/src/. "$tree/python"
	cp "$DLGUIDER_DEPS"/sdist/tree-sitter-0.25.2/LICENSE "$tree/LICENSE"
	cp "$DLGUIDER_DEPS"/sdist/tree_sitter_python-0.25.0/LICENSE "$tree/python/LICENSE"
	cp "$DLGUIDER_DEPS"/sdist/tree_sitter_python-0.23.6/src/scanner.c "$tree/python/scanner.c"
	rm -rf "$DLGUIDER_DEPS/sdist"
}

install_oracles() {
	stamp=$DLGUIDER_DEPS/venv/$(cksum <tests/requirements.txt | tr ' ' -)
	[ -e "$stamp" ] && return 0
	echo "installing the Python oracles of the tests (Keras, TensorFlow, ONNX; some minutes)"
	python3 -m venv "$DLGUIDER_DEPS/venv"
	"$DLGUIDER_DEPS/venv/bin/python" -m pip install -q --disable-pip-version-check --no-compile -r tests/requirements.txt
	touch "$stamp"
}

do_deps() {
	mkdir -p "$DLGUIDER_DEPS"
	packages=$build_packages
	case ${1:-} in
	--pinned) packages= ;; # what comes from PyPI alone; a wheel is built by whoever builds it, who may not install packages
	--tests) packages="$packages $test_packages" ;;
	--fuzz) packages="$packages clang libclang-rt-dev" ;;
	esac
	# shellcheck disable=SC2086
	install_packages $packages
	install_engine
	install_grammar
	[ "${1:-}" != --tests ] || install_oracles
}
