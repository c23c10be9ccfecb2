/* tokens.h - inputs that number the rows of a table (an embedding): which numbers the table has. For this room only.
 *
 * The engine would say so too, but names no test and no layer.
 */
#ifndef GD_ENGINE_TOKENS_H
#define GD_ENGINE_TOKENS_H
#include "model/model.h"

typedef struct {
	const char *layer; /* that looks the rows up; NULL: the input is looked up nowhere */
	int64_t rows;      /* the least of all such tables */
	int64_t least;     /* 0, or -rows where the model may count from the end */
} gd_tokens;

/* Follows the input through casts and changes of shape. */
gd_tokens gd_tokens_of(const gd_model *model, const char *input);

#endif
