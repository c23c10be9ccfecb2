/* gradient_dump MODEL LOSS OUT.onnx: writes the model with loss and gradients, and prints one line per weight:
 * initializer, gradient's name or -. LOSS is the number of a gd_loss. The Python tests compare what it computes. */
#include "gradient/tape.h"
#include "model/model.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t collect(const gd_model *model, const char **wanted, size_t room)
{
	size_t count = 0;
	for (size_t i = 0; i < model->graph.tensor_count && count < room; i++) {
		const gd_tensor *t = &model->graph.tensors[i];
		bool weight = false;
		for (size_t l = 0; l < model->layer_count; l++)
			for (size_t w = 0; w < model->layers[l].weight_count; w++) {
				const gd_weight *from = &model->layers[l].weights[w];
				weight = weight || (from->initializer && from->role != GD_MEAN && from->role != GD_VARIANCE && strcmp(from->initializer, t->name) == 0);
			}
		if (weight && t->type == GD_F32)
			wanted[count++] = t->name;
	}
	return count;
}

static gd_status dump(const char *path, gd_loss loss, const char *to, gd_arena *arena, gd_error *err)
{
	static const char *wanted[1000], *gradients[1000];
	gd_model *model;
	gd_tape *tape;
	gd_text text = { 0 };
	const char *scalar = NULL;
	gd_status status = gd_model_open(path, NULL, &model, err);
	if (status != GD_OK)
		return status;
	size_t count = collect(model, wanted, 1000);
	status = gd_tape_open(&model->graph, wanted, count, arena, &tape, err);
	if (status == GD_OK)
		status = gd_tape_loss(tape, loss, model->graph.outputs[0].name, "target", &scalar, err);
	if (status == GD_OK)
		status = gd_tape_backward(tape, scalar, gradients, err);
	if (status == GD_OK)
		status = gd_onnx_encode(gd_tape_graph(tape), &text, err);
	if (status == GD_OK) {
		FILE *file = fopen(to, "wb");
		fwrite(text.bytes, 1, text.length, file);
		fclose(file);
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
	if (argc != 4)
		return 2;
	gd_status status = dump(argv[1], (gd_loss)atoi(argv[2]), argv[3], &arena, &err);
	if (status != GD_OK)
		fprintf(stderr, "%s\n", err.message);
	gd_arena_free(&arena);
	return (int)status;
}
