# doc: what the command itself can say best, written anew: docs/commands.md, and the example in README.md.

do_doc() {
	do_build release
	build/release/dlguider help --markdown >build/commands.md
	mv build/commands.md docs/commands.md
	example_block >build/example.md
	awk '/^<!-- \.\/dev doc/ { print; while ((getline line < "build/example.md") > 0) print line; inside = 1 }
		/^<!-- end -->/ { inside = 0 }
		!inside' README.md >build/README.md
	cp build/README.md README.md
}

# The table and the first layer of what ./dev demo shows.
example_block() {
	echo '```'
	echo '$ cd examples/digits'
	echo '$ dlguider rank model.keras -i x.npy -l y.npy --program train.py'
	here=$PWD
	(cd examples/digits && LC_ALL=C.UTF-8 "$here/build/release/dlguider" rank model.keras -i x.npy -l y.npy --program train.py) |
		awk '/^[a-z]/ && NR > 1 && ++layers == 2 { print "[... the next two layers, and notes]"; exit } { print }'
	echo '```'
}
