/* align.h - which constructor of the program made which layer.
 *
 * Layers of a class, in the order they were made (the numbers of automatic names, else the model's order), against the
 * constructors of that class in the order a run calls them: the order-preserving matching whose arguments agree best with
 * what the model file says (name, units, kernel size, activation ...), so that edits since the training do little harm
 * (Needleman and Wunsch 1970, with free gaps). A layer for which another constructor on another line fits as well is
 * ambiguous: it gets no line, and a note says which lines fit.
 * Layers of an ONNX file whose names are those of PyTorch modules are found by name (align_modules.h), functions in forward by
 * what the exporter wrote down, else by the method that calls them.
 */
#ifndef GD_ALIGN_H
#define GD_ALIGN_H
#include "method/ranking.h"
#include "source/program.h"

/* The line of every layer of the model: lines[i].line is 0 where none was found. lines: layer_count of them, texts borrowed
 * from program and model. program NULL: only what the model file itself says. */
GD_MUST_USE gd_status gd_align(const gd_model *model, gd_program *program, gd_line *lines, gd_error *err);
/* The same into a ranking: an entry has the line of its head, or else of the first member that has one; notes say what is
 * ambiguous or not found. */
GD_MUST_USE gd_status gd_align_ranking(gd_ranking *ranking, const gd_model *model, gd_program *program, gd_error *err);

#endif
