/* scene.h - what every detector looks at: the model, the statistics of the pass, and the plan of the graph in terms of
 * entries: who feeds whom, which kernels, biases and activation an entry has, which site its kernel reads. For this room.
 */
#ifndef GD_SCENE_H
#define GD_SCENE_H
#include "evidence/evidence.h"

enum { GD_KERNELS = 8, GD_EDGES = 8 };

/* A weight of two or more dimensions as rows x columns; columns are units (gates x units of a recurrent layer). */
typedef struct {
	gd_role role;
	gd_matrix of;         /* channels: as the input site counts them; a Dense layer after Flatten has positions, too */
	size_t positions;     /* of.rows / of.channels */
	bool reads_input;     /* rows count what enters the layer (not: the layer's own state, a table's tokens) */
	const float *bias;    /* of.columns numbers; NULL */
	double limit;         /* what a Glorot initializer draws up to */
} gd_kernel;

typedef struct {
	const gd_layer *head;
	const char *activation; /* after the last member: "relu" ... */
	const gd_layer *activated_by; /* the member that has it */
	bool is_last;           /* nothing comes after it */
	bool is_recurrent, is_spatial; /* spatial: dense, convolution and their kin */
	size_t gates;           /* of a recurrent layer: 4, 3, 1; else 1 */
	gd_kernel kernels[GD_KERNELS];
	size_t kernel_count;
	const gd_site *out, *in; /* in: NULL for tables and unknown values */
	double *scale;          /* units: what the normalisations after the head multiply by; NULL: nothing */
	int parents[GD_EDGES], children[GD_EDGES]; /* entries; a parent -1 is the model's input */
	size_t parent_count, child_count;
	bool merges;            /* one of its members, or of its children's, adds, joins or normalises by layer */
} gd_part;

typedef struct {
	const gd_model *model;
	const gd_statistics *statistics;
	const gd_spectrum *spectrum;
	gd_evidence *evidence;
	gd_part *parts; /* by entry */
	size_t count;
	gd_arena arena; /* scratch of the detectors; freed when all are done */
} gd_scene;

GD_MUST_USE gd_status gd_scene_open(gd_scene *scene, gd_error *err);

/* Fills figures of all entries. */
typedef gd_status (*gd_detect)(gd_scene *scene, gd_error *err);
gd_status gd_detect_output(gd_scene *scene, gd_error *err);
gd_status gd_detect_settings(gd_scene *scene, gd_error *err);
gd_status gd_detect_activation(gd_scene *scene, gd_error *err);
gd_status gd_detect_information(gd_scene *scene, gd_error *err);
gd_status gd_detect_normalization(gd_scene *scene, gd_error *err);
gd_status gd_detect_kernel(gd_scene *scene, gd_error *err);
gd_status gd_detect_bias(gd_scene *scene, gd_error *err);
gd_status gd_detect_interface(gd_scene *scene, gd_error *err);
gd_status gd_detect_downstream(gd_scene *scene, gd_error *err);

/* The figure of entry i, to be written. */
static inline double *gd_figure_of(gd_scene *scene, size_t i, gd_figure_id id)
{
	return &scene->evidence->entries[i].of[id];
}

/* Keeps the findings sorted by weight; drops the lightest when there is no room. message and mend are kept as they are. */
void gd_finding_add(gd_scene *scene, size_t entry, gd_finding finding);
/* Text in the evidence's arena; NULL when memory is out. */
const char *gd_evidence_text(gd_scene *scene, const char *format, ...) GD_PRINTF(2, 3);
bool gd_is_one_of(const char *text, const char *const *list); /* list ends with NULL; text NULL: false */
/* The number of a setting, also the largest of a list "(2, 2)"; otherwise when it is absent. */
double gd_setting_number(const gd_layer *layer, const char *name, double otherwise);

#endif
