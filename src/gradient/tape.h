/* tape.h - the reverse-mode derivative of a model's graph, written as ONNX nodes behind the forward graph.
 *
 * A tape is a copy of a forward graph at opset 20 in which composite operators (LSTM, GRU, LayerNormalization, Gelu ...)
 * are replaced by primitive ones and the wanted weights have become graph inputs, so that one engine session serves every
 * layer and every step. gd_tape_loss adds the loss of the model's output against a target input, gd_tape_backward the
 * gradients. The result is gd_tape_graph, encoded and run by whoever wants the numbers; nothing is computed here.
 *
 * Requires the shapes of all inner values (the graph's `values`), apart from free batch dimensions.
 *
 * To add an operator: a primitive one is a row {op, rule} in one of the rules_*.c tables; a composite one is a row
 * {op, lower} in lower*.c. An operator in neither table stops the gradient: GD_E_UNSUPPORTED names it.
 * After Griewank and Walther, Evaluating Derivatives (2008), chapter 3: one sweep back, adjoints summed.
 */
#ifndef GD_TAPE_H
#define GD_TAPE_H
#include "model/graph.h"

typedef struct gd_tape gd_tape;

/* Losses, each the mean over the tests of a batch. */
typedef enum {
	GD_LOSS_CATEGORICAL,        /* output: probabilities; target: (batch, k) one-hot or class shares */
	GD_LOSS_CATEGORICAL_LOGITS,
	GD_LOSS_BINARY,             /* output: probabilities; target: (batch, k) in 0..1; mean over k */
	GD_LOSS_BINARY_LOGITS,
	GD_LOSS_SQUARED,            /* mean over k of (output - target)^2 */
	GD_LOSS_ABSOLUTE,
	GD_LOSS_HINGE               /* target -1 or 1: mean over k of max(0, 1 - target * output) */
} gd_loss;

/* wanted: names of initializers of forward that become inputs; borrowed. The tape lives in arena and borrows from forward. */
GD_MUST_USE gd_status gd_tape_open(const gd_graph *forward, const char *const *wanted, size_t wanted_count, gd_arena *arena, gd_tape **out, gd_error *err);
/* The same without the nodes that no wanted weight flows into: what they compute is the same at every step, so the values
 * that cross over become graph inputs. entering: their names, the model's own inputs among them, in arena. */
GD_MUST_USE gd_status gd_tape_open_cut(const gd_graph *forward, const char *const *wanted, size_t wanted_count, gd_arena *arena, gd_tape **out,
	const char *const **entering, size_t *entering_count, gd_error *err);
/* Adds the loss of output (a value of forward, flattened to (batch, k)). target becomes a graph input of that name and
 * shape (batch, k). *out is the name of the scalar loss, a graph output. */
GD_MUST_USE gd_status gd_tape_loss(gd_tape *tape, gd_loss loss, const char *output, const char *target, const char **out, gd_error *err);
/* Adds the gradient of the scalar value `loss` with respect to every wanted weight; each becomes a graph output.
 * gradients[i] is its name, or NULL when the loss does not depend on that weight. */
GD_MUST_USE gd_status gd_tape_backward(gd_tape *tape, const char *loss, const char **gradients, gd_error *err);
const gd_graph *gd_tape_graph(const gd_tape *tape);

/* The operators with a rule or a lowering, sorted, ends with NULL: for docs and tests. */
GD_MUST_USE gd_status gd_tape_operators(gd_arena *arena, const char *const **out, gd_error *err);

#endif
