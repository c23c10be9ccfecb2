#include "model/keras/hdf5.h"
#include <string.h>

_Static_assert((int)GD_H5_MAX_RANK <= (int)GD_MAX_RANK, "every dataset's shape fits into a tensor's");

static const struct {
	const char *dtype;
	gd_type type;
} types[] = {
	{ "<f2", GD_F16 },
	{ "<f4", GD_F32 },
	{ "<f8", GD_F64 },
	{ "bfloat16", GD_BF16 },
	{ "|b1", GD_BOOL },
	{ "|i1", GD_I8 },
	{ "<i2", GD_I16 },
	{ "<i4", GD_I32 },
	{ "<i8", GD_I64 },
	{ "|u1", GD_U8 },
	{ "<u2", GD_U16 },
	{ "<u4", GD_U32 },
	{ "<u8", GD_U64 },
};

gd_status gd_h5_tensor(gd_h5 *h5, gd_h5_object dataset, const char *name, gd_tensor *out, gd_error *err)
{
	gd_h5_array array;
	gd_status status = gd_h5_read(h5, dataset, name, &array, err);
	if (status != GD_OK)
		return status;
	*out = (gd_tensor){ .name = array.name, .data = array.data, .bytes = array.bytes };
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strcmp(types[i].dtype, array.dtype) == 0)
			out->type = types[i].type;
	out->shape.rank = array.rank;
	for (int i = 0; i < array.rank; i++)
		out->shape.dim[i] = array.dim[i];
	return GD_OK;
}
