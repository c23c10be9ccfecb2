/* A ranking out of nothing but awkward parts, as a report: page_dump FORMAT LAYERS. For tests of what a model file or a
 * program could smuggle into a report. */
#include "report/report.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char hostile[] = "</script><img src=x onerror=alert(1)><!-- ]]> \"quoted\" 'it' & {{title}} `|` @all #1 \xe2\x80\xae\x1b[2J\xff\n# head";

static gd_evidence_item items[] = {
	{ .id = "settings.softmax-inside", .term = 3.5, .value = NAN, .message = hostile, .mend = hostile, .member = hostile },
	{ .id = "kernel.values", .term = -1, .value = 2, .message = "plain" },
};

int main(int argc, char **argv)
{
	size_t n = argc > 2 ? (size_t)atoi(argv[2]) : 3;
	const gd_report *report = argc > 1 ? gd_report_find(argv[1]) : NULL;
	gd_ranked_entry *layers = calloc(n ? n : 1, sizeof *layers);
	static const char *members[] = { hostile, hostile };
	static gd_ranked_neuron neurons[] = { { 0, INFINITY }, { 1, NAN } };
	static const char *notes[] = { hostile };
	static gd_option_value options[] = { { hostile, hostile, 0 } };
	if (!report || !layers)
		return 2;
	for (size_t i = 0; i < n; i++)
		layers[i] = (gd_ranked_entry){ .index = (int)(n - 1 - i), .name = hostile, .kind = hostile, .members = members, .outputs = members, .member_count = 2,
			.score = i + 1 == n ? NAN : 1 / (1.0 + (double)i), .units = 2, .neurons = neurons, .neuron_count = 2, .evidence = items, .evidence_count = 2,
			.line = { .file = hostile, .text = hostile, .line = 1 + (int)(i % 2), .column = 3, .end_line = 1 + (int)(i % 2), .end_column = 9, .confidence = .5 } };
	gd_ranking ranking = { .model_path = hostile, .model_format = "onnx", .sha256 = "00", .tests = 3, .passed = 1, .failed = 2, .task = "multiclass",
		.method = "fused", .options = options, .option_count = 1, .layers = layers, .layer_count = n, .is_probability = true, .verdict = "layer",
		.notes = notes, .note_count = 1, .program = hostile, .program_text = hostile, .program_length = sizeof hostile - 1 };
	gd_page page = { .width = 80 };
	gd_text text = { 0 };
	gd_error err = { 0 };
	gd_status status = report->write(&ranking, &page, &text, &err);
	if (status != GD_OK)
		fprintf(stderr, "%s\n", err.message);
	else
		fwrite(text.bytes, 1, text.length, stdout);
	gd_text_free(&text);
	free(layers);
	return (int)status;
}
