/* labels_dump TASK UNITS POSITIONS TESTS FILE - what the labels of FILE are taken for, for comparing with numpy: a line
 * with the task and whether they can be compared, a line of all classes or targets, and a line for each note.
 */
#include "data/labels.h"
#include <stdio.h>
#include <stdlib.h>

static gd_status dump(const gd_labels *labels, gd_error *err)
{
	const size_t numbers = (size_t)labels->count * labels->width;
	const bool classes = labels->task == GD_TASK_BINARY || labels->task == GD_TASK_MULTICLASS;
	double *targets = calloc(numbers, sizeof *targets);
	int64_t *indices = calloc(numbers, sizeof *indices);
	gd_status status = targets && indices ? GD_OK : gd_fail_memory(err, "printing");
	if (status == GD_OK)
		status = classes ? gd_labels_classes(labels, 0, labels->count, indices, err)
						 : gd_labels_targets(labels, 0, labels->count, targets, err);
	printf("%s %s width %zu classes %lld low %.17g high %.17g deviation %.17g\n", gd_task_name(labels->task),
		labels->comparable ? "comparable" : "incomparable", labels->width, (long long)labels->classes, labels->low,
		labels->high, labels->deviation);
	for (size_t i = 0; i < numbers && status == GD_OK; i++)
		printf("%.17g ", classes ? (double)indices[i] : targets[i]);
	printf("\n");
	for (size_t i = 0; i < labels->note_count; i++)
		printf("note: %s\n", labels->notes[i]);
	free(targets);
	free(indices);
	return status;
}

int main(int argc, char **argv)
{
	gd_rows *rows = NULL;
	gd_labels labels;
	gd_task task;
	gd_error err = { 0 };
	if (argc != 6 || !gd_task_find(argv[1], &task))
		return GD_E_USAGE;
	const gd_label_model model = { .units = strtoul(argv[2], NULL, 10), .positions = strtoul(argv[3], NULL, 10),
		.tests = strtol(argv[4], NULL, 10) };
	gd_status status = gd_rows_open(argv[5], &rows, &err);
	if (status == GD_OK)
		status = gd_labels_open(rows, task, &model, &labels, &err);
	if (status == GD_OK)
		status = dump(&labels, &err);
	if (status != GD_OK)
		fprintf(stderr, "%s\n", err.message);
	gd_rows_close(rows);
	return (int)status;
}
