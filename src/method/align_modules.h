/* align_modules.h - lines of PyTorch layers, found by the names of modules: "encoder.layer.3.fc1" in the model is the
 * object that the program puts there. For this room only.
 */
#ifndef GD_ALIGN_MODULES_H
#define GD_ALIGN_MODULES_H
#include "method/align.h"

/* How well a constructor's arguments agree with what the model file says of the layer; below 0: they contradict it. */
int gd_align_fit(const gd_layer *layer, const gd_constructor *c);
gd_line gd_align_line(const gd_program *program, const gd_constructor *c, double confidence);
/* line 0, and the two lines that fit equally well as column and end_line: a line of 0 is never shown. */
gd_line gd_align_doubt(int line, int other);

/* Lines by the names of modules. *found: how many layers are modules of the program. */
GD_MUST_USE gd_status gd_align_modules(const gd_model *model, const gd_program *program, gd_line *lines, size_t *found, gd_error *err);

#endif
