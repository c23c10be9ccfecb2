do_bench() { do_deps; do_build release; python3 bench/score.py --dlguider "build/release/dlguider rank" "$@"; }
do_doc() { do_build release; build/release/dlguider help --docs docs; }
