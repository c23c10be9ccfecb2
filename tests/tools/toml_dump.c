/* toml_dump FILE: what the command's reader of TOML sees, table, key, kind, list or not, value; separated by 0x1f, ended by 0x1e. */
#include "../../src/cli/toml.c"

int main(int argc, char **argv)
{
	static char text[1 << 17];
	static toml read;
	char message[300];
	FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
	if (!file)
		return 2;
	const size_t length = fread(text, 1, sizeof text, file);
	fclose(file);
	if (!toml_read(text, length, &read, message, sizeof message)) {
		fprintf(stderr, "%s\n", message);
		return 3;
	}
	for (size_t i = 0; i < read.count; i++)
		printf("%s\x1f%s\x1f%c\x1f%d\x1f%s\x1e", read.items[i].table, read.items[i].key, "snb"[read.items[i].kind], read.items[i].of_array, read.items[i].value);
	return 0;
}
