# doc: what the command itself can say best, written anew: docs/commands.md, and what the pages show of its output.

do_doc() {
	do_build release
	build/release/dlguider help --markdown >build/commands.md
	mv build/commands.md docs/commands.md
	DLGUIDER_SOURCE=$PWD DLGUIDER_BUILD=$PWD/build/release DLGUIDER=$PWD/build/release/dlguider \
		DLGUIDER_ONNXRUNTIME=$DLGUIDER_DEPS/onnxruntime/libonnxruntime.so.1 "$DLGUIDER_DEPS/venv/bin/python" tests/py/test_docs.py --write
}
