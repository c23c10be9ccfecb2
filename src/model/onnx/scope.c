/* What the author called the module that each node belongs to.
 *
 * Three sources, best first: the metadata of PyTorch's newer exporter (module paths, classes, stack traces), node names
 * of PyTorch's older one ("/encoder/layer.3/attention/MatMul"), node names of TensorFlow ("model/dense_2/MatMul").
 * Nodes that an exporter put in without a name take the scope of the node that reads them. */
#include "model/onnx/file.h"
#include <stdlib.h>
#include <string.h>

/* The last two strings of a Python list in text: "['', 'net', 'net.0', 'linear']" gives "net.0" and "linear". */
static bool last_two(const char *list, gd_arena *arena, const char **before, const char **last)
{
	*before = *last = "";
	bool any = false;
	for (const char *at = list; *at; at++) {
		if (*at != '\'' && *at != '"')
			continue;
		const char *end = strchr(at + 1, *at);
		if (!end)
			return any;
		*before = *last;
		*last = gd_arena_text(arena, at + 1, (size_t)(end - at - 1));
		if (!*last)
			return false;
		any = true;
		at = end;
	}
	return any;
}

static void from_metadata(gd_onnx_node *note, gd_arena *arena)
{
	const char *path, *leaf, *class_name = "", *operator_name;
	if (!last_two(note->scopes, arena, &path, &leaf) || strstr(path, "_metadata_hook"))
		return; /* what the exporter puts in itself, for sizes, has no module */
	note->scope = path;
	note->leaf = leaf;
	note->dotted = true;
	if (note->classes && last_two(note->classes, arena, &class_name, &operator_name) && *class_name) {
		const char *dot = strrchr(class_name, '.');
		note->kind = dot ? dot + 1 : class_name;
		note->standard = strncmp(class_name, "torch.nn.modules.", 17) == 0;
	}
}

/* "/features/features.0/Conv": a part that repeats the one before and adds to it replaces it. */
static void from_torch_name(gd_onnx_node *note, const char *name, gd_arena *arena)
{
	char path[GD_MAX_NAME + 2] = "";
	size_t length = 0, previous = 0; /* path[previous..length) is its last part */
	const char *at = name + 1, *slash;
	for (; (slash = strchr(at, '/')); at = slash + 1) {
		size_t part = (size_t)(slash - at), had = length - previous;
		bool repeats = had > 0 && part > had && memcmp(at, path + previous, had) == 0 && at[had] == '.';
		if (repeats)
			length = previous;
		else if (length)
			path[length++] = '.';
		previous = length;
		memcpy(path + length, at, part);
		length += part;
	}
	note->scope = gd_arena_text(arena, path, length);
	note->leaf = at;
	note->dotted = true;
}

static void from_tensorflow_name(gd_onnx_node *note, const char *name, gd_arena *arena)
{
	static const char *const wrappers[] = { "StatefulPartitionedCall/", "PartitionedCall/" };
	for (size_t i = 0; i < sizeof wrappers / sizeof wrappers[0]; i++)
		if (strncmp(name, wrappers[i], strlen(wrappers[i])) == 0)
			name += strlen(wrappers[i]);
	const char *slash = strrchr(name, '/');
	note->scope = slash ? gd_arena_text(arena, name, (size_t)(slash - name)) : NULL;
	note->leaf = slash ? slash + 1 : name;
}

static size_t first_part(const char *scope)
{
	return strcspn(scope, "/");
}

static bool is_slashed(const gd_onnx_node *note)
{
	return note->scope && *note->scope && !note->dotted;
}

static bool begins_with(const char *scope, const char *common, size_t length)
{
	return first_part(scope) == length && memcmp(scope, common, length) == 0;
}

/* The first part that most scopes have (majority vote); NULL when there are no scopes. */
static const char *most_common_part(const gd_onnx_file *file)
{
	const char *common = NULL;
	size_t votes = 0;
	for (size_t i = 0; i < file->graph->node_count; i++) {
		const gd_onnx_node *note = &file->nodes[i];
		if (!is_slashed(note))
			continue;
		if (votes == 0)
			common = note->scope;
		votes = begins_with(note->scope, common, first_part(common)) ? votes + 1 : votes - 1;
	}
	return common;
}

/* TensorFlow puts the model's own name before everything. What an exporter lifted out of loops has it somewhere inside;
 * such nodes get their scope from who reads them. */
static bool drop_common_part(gd_onnx_file *file)
{
	char part[GD_MAX_NAME + 1];
	const char *common = most_common_part(file);
	size_t length = common ? first_part(common) : 0;
	if (!length)
		return false;
	memcpy(part, common, length);
	part[length] = 0;
	for (size_t i = 0; i < file->graph->node_count; i++) {
		const gd_onnx_node *note = &file->nodes[i];
		if (!is_slashed(note))
			continue;
		bool begins = begins_with(note->scope, part, length);
		if ((begins && note->scope[length] == 0) || (!begins && !strstr(note->scope, part)))
			return false; /* a layer by itself: nothing stands above it */
	}
	for (size_t i = 0; i < file->graph->node_count; i++) {
		gd_onnx_node *note = &file->nodes[i];
		if (is_slashed(note))
			note->scope = begins_with(note->scope, part, length) ? note->scope + length + 1 : NULL;
	}
	return true;
}

/* Does part k of the scopes below hold several layers (a model within the model)? Then the layer's name has one part
 * more. Attention and recurrent layers have parts too; they are recognised by what they compute. */
typedef struct {
	const char *scope;
	size_t node;
} scoped;

static int by_scope(const void *a, const void *b)
{
	const scoped *p = a, *q = b;
	int order = strcmp(p->scope, q->scope);
	return order ? order : (p->node > q->node) - (p->node < q->node);
}

static bool is_one_of(const char *op, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(op, *list) == 0)
			return true;
	return false;
}

static bool holds_layers(const gd_onnx_file *file, const scoped *list, size_t from, size_t to, size_t above)
{
	static const char *const whole[] = { "Softmax", "LSTM", "GRU", "RNN", "Loop", "Scan", "Attention", NULL };
	static const char *const kernels[] = { "MatMul", "Gemm", "Conv", "ConvTranspose", NULL };
	size_t count = 0;
	const char *previous = NULL;
	for (size_t i = from; i < to; i++) {
		const char *op = file->graph->nodes[list[i].node].op, *part = list[i].scope + above + 1;
		if (is_one_of(op, whole))
			return false;
		if (list[i].scope[above] == 0)
			continue; /* computed by the part itself */
		if (!is_one_of(op, kernels) ||
			(previous && first_part(previous) == first_part(part) && memcmp(previous, part, first_part(part)) == 0))
			continue;
		previous = part;
		count++;
	}
	return count > 1;
}

/* Cuts scopes after the part that names the layer. */
static gd_status cut_scopes(gd_onnx_file *file, gd_error *err)
{
	scoped *list = gd_arena_new(file->arena, file->graph->node_count, sizeof *list);
	size_t count = 0;
	if (!list)
		return gd_fail_memory(err, "naming layers");
	for (size_t i = 0; i < file->graph->node_count; i++)
		if (is_slashed(&file->nodes[i]))
			list[count++] = (scoped){ file->nodes[i].scope, i };
	qsort(list, count, sizeof *list, by_scope);
	for (size_t from = 0, to; from < count; from = to) {
		size_t length = first_part(list[from].scope);
		for (to = from + 1; to < count && first_part(list[to].scope) == length &&
							memcmp(list[to].scope, list[from].scope, length) == 0;)
			to++;
		bool deeper = holds_layers(file, list, from, to, length);
		for (size_t i = from; i < to; i++) {
			const char *scope = list[i].scope;
			size_t end = scope[length] && deeper ? length + 1 + first_part(scope + length + 1) : length;
			file->nodes[list[i].node].scope = gd_arena_text(file->arena, scope, end);
			if (!file->nodes[list[i].node].scope)
				return gd_fail_memory(err, "naming layers");
		}
	}
	return GD_OK;
}

static size_t without_number(const char *scope)
{
	size_t length = strlen(scope), digits = 0;
	while (digits < length && scope[length - 1 - digits] >= '0' && scope[length - 1 - digits] <= '9')
		digits++;
	return digits && digits + 1 < length && scope[length - 1 - digits] == '_' ? length - digits - 1 : 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Keras 3 traces a model anew for the export, so that every name gets one more number: dense_1 becomes dense_1_2. Taken
 * off when every layer has one and the names stay apart. */
static gd_status drop_trace_numbers(gd_onnx_file *file, gd_error *err)
{
	const char **whole = gd_arena_new(file->arena, file->graph->node_count, sizeof *whole);
	const char **cut = gd_arena_new(file->arena, file->graph->node_count, sizeof *cut);
	size_t count = 0, kinds = 0;
	if (!whole || !cut)
		return gd_fail_memory(err, "naming layers");
	for (size_t i = 0; i < file->graph->node_count; i++)
		if (is_slashed(&file->nodes[i])) {
			if (!without_number(file->nodes[i].scope))
				return GD_OK;
			whole[count++] = file->nodes[i].scope;
		}
	qsort(whole, count, sizeof *whole, by_text);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || strcmp(whole[i], whole[i - 1]) != 0) {
			cut[kinds] = gd_arena_text(file->arena, whole[i], without_number(whole[i]));
			if (!cut[kinds++])
				return gd_fail_memory(err, "naming layers");
		}
	qsort(cut, kinds, sizeof *cut, by_text);
	for (size_t i = 1; i < kinds; i++)
		if (strcmp(cut[i], cut[i - 1]) == 0)
			return GD_OK;
	for (size_t i = 0; i < file->graph->node_count; i++)
		if (is_slashed(&file->nodes[i])) {
			const char *scope = file->nodes[i].scope;
			if (!(file->nodes[i].scope = gd_arena_text(file->arena, scope, without_number(scope))))
				return gd_fail_memory(err, "naming layers");
		}
	return GD_OK;
}

/* Nodes without a scope take the one of a reader; nodes stand in order, so readers have theirs already. */
static void adopt_scopes(gd_onnx_file *file)
{
	int *reader = gd_arena_new(file->arena, file->value_count, sizeof *reader); /* a node with a scope, plus 1 */
	if (!reader)
		return;
	for (size_t i = file->graph->node_count; i-- > 0;) {
		gd_onnx_node *note = &file->nodes[i];
		for (size_t k = 0; !note->scope && k < file->graph->nodes[i].output_count; k++)
			if (note->outputs[k] >= 0 && reader[note->outputs[k]]) {
				const gd_onnx_node *from = &file->nodes[reader[note->outputs[k]] - 1];
				note->scope = from->scope;
				note->dotted = from->dotted;
				note->kind = from->kind;
				note->standard = from->standard;
			}
		for (size_t k = 0; note->scope && k < file->graph->nodes[i].input_count; k++)
			if (note->inputs[k] >= 0)
				reader[note->inputs[k]] = (int)i + 1;
	}
}

/* An exporter's own node with weights: what it takes may still have the author's names. */
static void from_weight_names(gd_onnx_file *file, size_t node)
{
	gd_onnx_node *note = &file->nodes[node];
	const char *leaf = note->leaf;
	for (size_t k = 0; !note->scope && k < file->graph->nodes[node].input_count; k++) {
		const gd_tensor *weight = gd_onnx_constant(file, node, k);
		if (weight && strchr(weight->name, '/') && *weight->name != '/')
			from_tensorflow_name(note, weight->name, file->arena);
	}
	note->leaf = leaf;
}

gd_status gd_onnx_scopes(gd_onnx_file *file, gd_error *err)
{
	bool any = false;
	for (size_t i = 0; i < file->graph->node_count; i++) {
		gd_onnx_node *note = &file->nodes[i];
		const char *name = file->graph->nodes[i].name;
		note->leaf = *name ? name : NULL;
		if (note->scopes)
			from_metadata(note, file->arena);
		else if (*name == '/' && name[1])
			from_torch_name(note, name, file->arena);
		else if (strchr(name, '/'))
			from_tensorflow_name(note, name, file->arena);
		any = any || note->scope;
	}
	for (size_t i = 0; i < file->graph->node_count && any; i++)
		if (!file->nodes[i].scope && gd_onnx_weight_input(file, i) >= 0)
			from_weight_names(file, i);
	while (drop_common_part(file))
		;
	gd_status status = cut_scopes(file, err);
	if (status == GD_OK)
		status = drop_trace_numbers(file, err);
	if (status == GD_OK && any)
		adopt_scopes(file);
	return status;
}
