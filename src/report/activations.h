/* activations.h - what the layers compute for the tests, as .npy files in a folder that is complete or absent.
 *
 * Whole outputs in the framework's layout, or each entry's neuron values as the spectrum sees them; with labels also
 * verdict.npy (true: failed) and confidence.npy (one column a measure). index.json says what is what. Files are written a
 * batch at a time, so memory does not grow with the tests.
 */
#ifndef GD_ACTIVATIONS_H
#define GD_ACTIVATIONS_H
#include "spectrum/collect.h"

typedef struct {
	const gd_model *model;
	gd_feed *inputs;
	const gd_labels *labels; /* NULL: none */
	gd_collect_options pass;
	const char *folder;      /* must not exist, or be empty */
	const char *pattern;     /* of layer names, with * and ?; NULL: all */
	bool neurons;
	bool (*progress)(void *state, int64_t done, int64_t total); /* false stops; NULL: none */
	void *progress_state;
} gd_activations_request;

GD_MUST_USE gd_status gd_activations_write(const gd_activations_request *request, gd_error *err);

#endif
