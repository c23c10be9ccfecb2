/* TimeDistributed: the steps of all tests stand one below the other while the inner layer works; and wrappers that change
 * nothing once a model is trained. */
#include "model/keras/family.h"
#include <string.h>

static bool works_on_last_axis(const gd_keras_layer *inner)
{
	return strcmp(inner->family->name, "Dense") == 0 || strcmp(inner->family->name, "Dropout") == 0;
}

static const char *part_of_shape(gd_keras *k, const char *x, int64_t from, int64_t to)
{
	return gd_put_slice(k, gd_put(k, "Shape", x), 0, from, to);
}

static const char *joined(gd_keras *k, const char *a, const char *b)
{
	const char *shape = gd_put2(k, "Concat", a, b);
	gd_put_int(k, "axis", 0);
	return shape;
}

static int free_dims(const gd_shape *shape, int from)
{
	int count = 0;
	for (int i = from; i < shape->rank; i++)
		count += shape->dim[i] < 0;
	return count;
}

/* (batch, steps, rest) to (batch * steps, rest). */
static gd_flow fold_steps(gd_keras *k, gd_flow flow)
{
	gd_flow folded = flow;
	int64_t dims[GD_MAX_RANK] = { -1 };
	folded.shape.rank--;
	folded.shape.dim[0] = -1;
	for (int i = 1; i < folded.shape.rank; i++)
		folded.shape.dim[i] = dims[i] = flow.shape.dim[i + 1];
	if (free_dims(&folded.shape, 1) == 0)
		folded.name = gd_put_reshape(k, flow.name, dims, (size_t)folded.shape.rank);
	else
		folded.name = gd_put2(k, "Reshape", flow.name, joined(k, gd_put_axes(k, -1), part_of_shape(k, flow.name, 2, INT64_MAX)));
	folded.mask = NULL;
	return folded;
}

/* And back, with the batch and steps of `like`. */
static gd_flow unfold_steps(gd_keras *k, gd_flow flow, gd_flow like)
{
	gd_flow out = flow;
	int64_t dims[GD_MAX_RANK] = { -1, like.shape.dim[1] };
	out.shape.rank++;
	out.shape.dim[0] = like.shape.dim[0];
	out.shape.dim[1] = like.shape.dim[1];
	for (int i = 2; i < out.shape.rank; i++)
		out.shape.dim[i] = dims[i] = flow.shape.dim[i - 1];
	if (free_dims(&out.shape, 1) == 0)
		out.name = gd_put_reshape(k, flow.name, dims, (size_t)out.shape.rank);
	else
		out.name = gd_put2(k, "Reshape", flow.name, joined(k, part_of_shape(k, like.name, 0, 2), part_of_shape(k, flow.name, 1, INT64_MAX)));
	if (out.channels > 0)
		out.channels++;
	out.mask = like.mask;
	return out;
}

gd_status gd_family_time_distributed(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_flow_plain(k, gd_keras_in(k, call, 3, GD_MAX_RANK - 1));
	gd_keras_layer *inner = k->now->inner[0];
	bool direct = works_on_last_axis(inner);
	gd_flow folded = direct ? flow : fold_steps(k, flow);
	gd_keras_call inside = { .in = &folded, .in_count = 1 };
	if (gd_keras_translate_inner(k, inner, &inside) != GD_OK)
		return k->status;
	if (inside.out_count != 1 || inside.out[0].shape.rank >= GD_MAX_RANK)
		return gd_keras_fail(k, GD_E_UNSUPPORTED, "is a TimeDistributed whose layer gives out %zu values", inside.out_count);
	gd_flow out = gd_flow_plain(k, inside.out[0]);
	return gd_keras_out(k, call, direct ? out : unfold_steps(k, out, flow));
}

/* SpectralNormalization scales its kernel while it is trained; what is stored is scaled already. */
gd_status gd_family_wrapped(gd_keras *k, gd_keras_call *call)
{
	return gd_keras_translate_inner(k, k->now->inner[0], call);
}
