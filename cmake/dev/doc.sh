# doc: what the command itself can say best, written anew: docs/commands.md, and what the pages show of its output.

do_doc() {
	do_build release
	build/release/dlguider help --markdown >build/commands.md
	mv build/commands.md docs/commands.md
	build/release/dlguider formats --markdown >build/classes.md
	awk '/^<!-- \.\/dev doc/ { print; while ((getline line < "build/classes.md") > 0) print line; inside = 1 }
		/^<!-- end -->/ { inside = 0 }
		!inside' docs/formats.md >build/formats.md
	cp build/formats.md docs/formats.md
	DLGUIDER_SOURCE=$PWD DLGUIDER_BUILD=$PWD/build/release DLGUIDER=$PWD/build/release/dlguider \
		DLGUIDER_ONNXRUNTIME=$DLGUIDER_DEPS/onnxruntime/libonnxruntime.so.1 "$DLGUIDER_DEPS/venv/bin/python" tests/py/test_docs.py --write
}
