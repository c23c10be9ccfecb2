# demo: the main job on a real example, a small digit classifier with one faulty layer.

do_demo() {
	do_deps
	do_build release
	echo "+ cd examples/digits"
	echo "+ dlguider rank model.keras -i x.npy -l y.npy --program train.py"
	here=$PWD
	(cd examples/digits && "$here/build/release/dlguider" rank model.keras -i x.npy -l y.npy --program train.py)
}
