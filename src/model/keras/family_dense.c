/* Dense, and Embedding: a table is a Dense of one-hot rows. */
#include "model/keras/family.h"

gd_status gd_family_dense(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_flow_plain(k, gd_keras_in(k, call, 2, GD_MAX_RANK));
	int last = flow.shape.rank - 1;
	int64_t units = gd_keras_whole(k, "units", 1, GD_KERAS_MAX_UNITS);
	flow.name = gd_put2(k, "MatMul", flow.name, gd_keras_tensor(k, "", "kernel", 2, (int64_t[]){ flow.shape.dim[last], units }));
	if (gd_keras_flag(k, "use_bias", true))
		flow.name = gd_put2(k, "Add", flow.name, gd_keras_tensor(k, "", "bias", 1, &units));
	flow.shape.dim[last] = units;
	flow.channels = -1;
	return gd_keras_out(k, call, gd_keras_activate(k, gd_keras_get(k->now, "activation"), flow));
}

gd_status gd_family_embedding(gd_keras *k, gd_keras_call *call)
{
	int64_t rows = gd_keras_whole(k, "input_dim", 1, (int64_t)1 << 31), columns = gd_keras_whole(k, "output_dim", 1, GD_KERAS_MAX_UNITS);
	if (call->in_count < 1 || call->in[0].shape.rank >= GD_MAX_RANK)
		return gd_keras_fail(k, GD_E_INPUT, "takes one input of fewer than %d dimensions", GD_MAX_RANK);
	gd_flow flow = gd_flow_plain(k, call->in[0]);
	const char *indices = flow.type == GD_I32 || flow.type == GD_I64 ? flow.name : gd_put_cast(k, flow.name, GD_I32);
	bool whole = flow.type == GD_I64, masked = gd_keras_flag(k, "mask_zero", false);
	flow.name = gd_put2(k, "Gather", gd_keras_tensor(k, "", "embeddings", 2, (int64_t[]){ rows, columns }), indices);
	flow.mask = NULL;
	if (masked && flow.shape.rank == 2) {
		const char *zero = whole ? gd_put_axes(k, 0) : gd_put_cast(k, gd_put_axes(k, 0), GD_I32);
		const char *embedded = flow.name;
		flow.mask = gd_put(k, "Not", gd_put2(k, "Equal", indices, zero));
		flow.name = embedded;
	}
	flow.type = GD_F32;
	flow.channels = -1;
	flow.shape.dim[flow.shape.rank++] = columns;
	return gd_keras_out(k, call, flow);
}

/* Towards the table it is an Embedding; called with reverse, a product with the transposed table. */
gd_status gd_family_reversible_embedding(gd_keras *k, gd_keras_call *call)
{
	if (!json_is_true(json_object_get(call->keywords, "reverse")) && !json_is_true(json_array_get(call->args, 1)))
		return gd_family_embedding(k, call);
	int64_t rows = gd_keras_whole(k, "input_dim", 1, (int64_t)1 << 31), columns = gd_keras_whole(k, "output_dim", 1, GD_KERAS_MAX_UNITS);
	gd_flow flow = gd_flow_plain(k, gd_keras_in(k, call, 2, GD_MAX_RANK));
	double cap = gd_keras_number_or(k, "logit_soft_cap", 0);
	if (gd_keras_flag(k, "tie_weights", true)) {
		const char *table = gd_keras_tensor(k, "", "embeddings", 2, (int64_t[]){ rows, columns });
		flow.name = gd_put2(k, "MatMul", flow.name, gd_put_transpose(k, table, (int64_t[]){ 1, 0 }, 2));
	} else {
		flow.name = gd_put2(k, "MatMul", flow.name, gd_keras_tensor(k, "", "reverse_embeddings", 2, (int64_t[]){ columns, rows }));
	}
	if (cap != 0)
		flow.name = gd_put2(k, "Mul", gd_put(k, "Tanh", gd_put2(k, "Div", flow.name, gd_put_scalar(k, cap))), gd_put_scalar(k, cap));
	flow.shape.dim[flow.shape.rank - 1] = rows;
	flow.mask = NULL;
	flow.channels = -1;
	return gd_keras_out(k, call, flow);
}
