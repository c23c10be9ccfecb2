do_demo() { do_deps; do_build release; build/release/dlguider version; }
