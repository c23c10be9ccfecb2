# demo: the main job on a real example, a small digit classifier with one faulty layer.

do_demo() {
	do_deps
	do_build release
	example=examples/digits
	echo "+ dlguider rank $example/model.keras --inputs $example/x.npy --labels $example/y.npy --program $example/train.py"
	build/release/dlguider rank $example/model.keras --inputs $example/x.npy --labels $example/y.npy --program $example/train.py
}
