# doc: the generated pages of docs/, written anew from the tables of the command.

do_doc() {
	do_build release
	build/release/dlguider help --markdown >build/commands.md
	mv build/commands.md docs/commands.md
}
