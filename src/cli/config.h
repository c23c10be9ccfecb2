/* config.h - options from a file: `--config dlguider.toml`.
 *
 * Keys are named like the options of the command line, "model" is the operand MODEL; paths are relative to the file. Keys
 * before the first [table] are for every command that has such an option, those in [rank] for that command. The command line
 * wins over the file, and a table over what stands before the tables.
 */
#ifndef CONFIG_H
#define CONFIG_H
#include "command.h"
#include "toml.h"

enum { CONFIG_BYTES = 65536 };

typedef struct {
	toml read;
	char paths[CONFIG_BYTES];
	size_t used;
} config;

/* Adds to parsed what the file of its --config says, when it has one; complains. The strings lie in out. */
int config_apply(const command_row *command, parsed_options *parsed, config *out);

#endif
