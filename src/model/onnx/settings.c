/* Attributes of a layer's main operator under the names that Keras gives them, so that the rest of dlguider reads one
 * language. Lists become text as Python writes tuples. */
#include "model/onnx/file.h"
#include <math.h>
#include <string.h>

static const struct {
	const char *attribute, *setting;
} names[] = {
	{ "alpha", "alpha" },
	{ "axis", "axis" },
	{ "auto_pad", "auto_pad" },
	{ "blocksize", "blocksize" },
	{ "dilations", "dilation_rate" },
	{ "direction", "direction" },
	{ "epsilon", "epsilon" },
	{ "group", "groups" },
	{ "hidden_size", "units" },
	{ "kernel_shape", "kernel_size" },
	{ "mode", "mode" },
	{ "momentum", "momentum" },
	{ "num_groups", "groups" },
	{ "num_heads", "num_heads" },
	{ "pads", "pads" },
	{ "ratio", "rate" },
	{ "strides", "strides" },
};

static const char *list_text(const gd_attr *attr, gd_arena *arena)
{
	gd_text text = { 0 };
	gd_text_put(&text, "(");
	for (size_t i = 0; i < attr->count && i < 64; i++)
		gd_text_printf(&text, "%s%lld", i ? ", " : "", (long long)attr->integers[i]);
	gd_text_put(&text, attr->count == 1 ? ",)" : ")");
	const char *copy = text.failed ? NULL : gd_arena_text(arena, text.bytes, text.length);
	gd_text_free(&text);
	return copy;
}

static bool make_setting(const gd_attr *attr, const char *name, gd_arena *arena, gd_setting *out)
{
	*out = (gd_setting){ .name = name, .number = (double)NAN };
	if (attr->kind == GD_ATTR_INT)
		out->number = (double)attr->integer;
	else if (attr->kind == GD_ATTR_FLOAT)
		out->number = (double)attr->number;
	else if (attr->kind == GD_ATTR_STRING)
		out->text = attr->text;
	else if (attr->kind == GD_ATTR_INTS)
		out->text = list_text(attr, arena);
	else
		return false;
	return true;
}

gd_status gd_onnx_settings(const gd_onnx_file *file, size_t node, gd_layer *layer, gd_error *err)
{
	const gd_node *n = &file->graph->nodes[node];
	bool gemm = strcmp(n->op, "Gemm") == 0; /* its alpha is a factor, no slope */
	layer->settings = gd_arena_new(file->arena, n->attr_count + 1, sizeof *layer->settings);
	if (!layer->settings)
		return gd_fail_memory(err, "reading the graph");
	for (size_t i = 0; i < n->attr_count; i++)
		for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
			if (strcmp(n->attrs[i].name, names[k].attribute) == 0 && !(gemm && k == 0) &&
				make_setting(&n->attrs[i], names[k].setting, file->arena, &layer->settings[layer->setting_count]))
				layer->setting_count++;
	const char *units = layer->family == GD_FAMILY_DENSE                                               ? "units"
						: layer->family == GD_FAMILY_CONV || layer->family == GD_FAMILY_CONV_TRANSPOSE ? "filters"
																									   : NULL;
	int channel = layer->channel_axis < 0 ? layer->shape.rank - 1 : layer->channel_axis;
	if (units && channel >= 0 && channel < layer->shape.rank && layer->shape.dim[channel] > 0)
		layer->settings[layer->setting_count++] =
			(gd_setting){ .name = units, .number = (double)layer->shape.dim[channel] };
	return GD_OK;
}
