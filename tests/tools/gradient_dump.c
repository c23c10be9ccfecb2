/* gradient_dump MODEL LOSS OUT.onnx [PLAIN.onnx [ENTRY]]: writes the model with loss and gradients (and as it is), and prints
 * one line per weight: initializer, gradient's name or -; of all entries, or of the one of that number alone. LOSS is the number of a gd_loss. The Python tests compare what it
 * computes. */
#include "gradient/tape.h"
#include "refit/shapes.h"
#include "refit/weights.h"
#include "model/model.h"
#include <stdio.h>
#include <stdlib.h>

static size_t collect(const gd_model *model, int entry, const char **wanted, size_t room, gd_arena *arena, gd_error *err)
{
	gd_refit_weight *weights;
	size_t count, n = 0;
	if (gd_refit_weights(model, arena, &weights, &count, err) != GD_OK)
		return 0;
	for (size_t i = 0; i < count && n < room; i++)
		if (entry < 0 || weights[i].entry == entry)
			wanted[n++] = weights[i].name;
	return n;
}

/* n tests of zeros. */
static gd_refit_batch zeros(const gd_model *model, int64_t n, gd_arena *arena)
{
	const gd_value *input = &model->graph.inputs[0];
	gd_refit_batch batch = { .rows = { { .type = input->type, .shape = input->shape } }, .count = n };
	gd_array *rows = &batch.rows[0];
	size_t count = 0;
	rows->shape.dim[0] = n;
	if (gd_shape_count(&rows->shape, 0, &count))
		rows->data = gd_arena_new(arena, count, 8);
	rows->bytes = count * gd_type_bytes(input->type);
	return batch;
}

static void save(const char *to, const void *bytes, size_t size)
{
	FILE *file = fopen(to, "wb");
	if (file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0)
		return;
	perror(to);
	exit(6);
}

static gd_status dump(const char *path, gd_loss loss, const char *to, const char *plain, int entry, gd_arena *arena, gd_error *err)
{
	static const char *wanted[1000], *gradients[1000];
	gd_model *model;
	gd_tape *tape;
	gd_text text = { 0 };
	const char *scalar = NULL;
	gd_status status = gd_model_open(path, NULL, &model, err);
	if (status != GD_OK)
		return status;
	size_t count = collect(model, entry, wanted, 1000, arena, err);
	gd_graph graph;
	gd_refit_batch two = zeros(model, 2, arena), three = zeros(model, 3, arena);
	status = gd_refit_shapes(model, &two, &three, 1, arena, &graph, err);
	if (status == GD_OK)
		status = gd_tape_open(&graph, wanted, count, arena, &tape, err);
	if (status == GD_OK)
		status = gd_tape_loss(tape, loss, graph.outputs[0].name, "target", &scalar, err);
	if (status == GD_OK)
		status = gd_tape_backward(tape, scalar, gradients, err);
	if (status == GD_OK)
		status = gd_onnx_encode(gd_tape_graph(tape), &text, err);
	if (status == GD_OK) {
		save(to, text.bytes, text.length);
		if (plain)
			save(plain, model->onnx.bytes, model->onnx.size);
		printf("loss %s\n", scalar);
		for (size_t i = 0; i < count; i++)
			printf("%s %s\n", wanted[i], gradients[i] ? gradients[i] : "-");
	}
	gd_text_free(&text);
	gd_model_close(model);
	return status;
}

int main(int argc, char **argv)
{
	gd_arena arena = { 0 };
	gd_error err = { 0 };
	if (argc < 4 || argc > 6)
		return 2;
	gd_status status = dump(argv[1], (gd_loss)atoi(argv[2]), argv[3], argv[4], argc > 5 ? atoi(argv[5]) : -1, &arena, &err);
	if (status != GD_OK)
		fprintf(stderr, "%s\n", err.message);
	gd_arena_free(&arena);
	return (int)status;
}
