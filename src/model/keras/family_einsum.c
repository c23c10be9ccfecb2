/* EinsumDense: a product of the input and a kernel, by letters for their axes ("abc,cde->abde"). */
#include "model/keras/family.h"
#include <string.h>

/* Axes by letter. What "..." stands for has the letters '0', '1' ... */
typedef struct {
	char in[GD_MAX_RANK + 1], kernel[GD_MAX_RANK + 1], out[GD_MAX_RANK + 1];
	int64_t size[128]; /* by letter; 0: not known yet, -1: free */
} equation;

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* One term; `elided` letters take the place of "...". False when it makes no sense. */
static bool read_term(const char *text, size_t length, int elided, char *out)
{
	size_t count = 0;
	for (size_t i = 0; i < length; i++) {
		if (text[i] == ' ')
			continue;
		bool dots = i + 2 < length && strncmp(text + i, "...", 3) == 0;
		if ((!dots && !is_letter(text[i])) || count + (dots ? (size_t)elided : 1) > GD_MAX_RANK || (!dots && memchr(out, text[i], count)))
			return false;
		for (int e = 0; dots && e < elided; e++)
			out[count++] = (char)('0' + e);
		if (dots)
			i += 2;
		else
			out[count++] = text[i];
	}
	out[count] = 0;
	return true;
}

static int letters_of(const char *text, size_t length)
{
	int count = 0;
	for (size_t i = 0; i < length; i++)
		count += is_letter(text[i]);
	return count;
}

static bool read_equation(const char *text, int rank, equation *e)
{
	const char *comma = strchr(text, ','), *arrow = strstr(text, "->");
	if (!comma || !arrow || comma > arrow)
		return false;
	size_t first = (size_t)(comma - text);
	int elided = rank - letters_of(text, first);
	bool dots = memchr(text, '.', first) != NULL;
	if (elided < 0 || elided > GD_MAX_RANK || (!dots && elided != 0))
		return false;
	return read_term(text, first, elided, e->in) && read_term(comma + 1, (size_t)(arrow - comma) - 1, 0, e->kernel) &&
		read_term(arrow + 2, strlen(arrow + 2), elided, e->out) && (int)strlen(e->in) == rank;
}

static bool has(const char *term, char letter)
{
	return strchr(term, letter) != NULL;
}

/* Every letter of the output comes from somewhere, and no letter is dropped without a sum over both. */
static bool makes_sense(const equation *e)
{
	for (const char *c = e->out; *c; c++)
		if (!has(e->in, *c) && !has(e->kernel, *c))
			return false;
	for (const char *c = e->in; *c; c++)
		if (!has(e->out, *c) && !has(e->kernel, *c))
			return false;
	for (const char *c = e->kernel; *c; c++)
		if (!has(e->out, *c) && !has(e->in, *c))
			return false;
	return e->kernel[0] && e->out[0] && e->in[0] == e->out[0] && !has(e->kernel, e->in[0]); /* tests stay apart and first */
}

static void read_sizes(gd_keras *k, equation *e, const gd_flow *flow, const gd_tensor *kernel)
{
	for (int i = 0; e->in[i]; i++)
		e->size[(int)e->in[i]] = flow->shape.dim[i];
	for (int i = 0; e->kernel[i]; i++) {
		int64_t *size = &e->size[(int)e->kernel[i]], own = kernel->shape.dim[i];
		if (*size > 0 && *size != own)
			(void)gd_keras_fail(k, GD_E_INPUT, "kernel has %lld for the letter %c of %.60s, but its input has %lld", (long long)own, e->kernel[i],
				json_string_value(gd_keras_get(k->now, "equation")), (long long)*size);
		*size = own;
	}
}

/* The letters of `from` that are (or are not) in `other`, in order. */
static int choose(const char *from, const char *other, bool among, char *out)
{
	int count = 0;
	for (; *from; from++)
		if (has(other, *from) == among)
			out[count++] = *from;
	out[count] = 0;
	return count;
}

/* The permutation that brings the axes of `from` into the order of `to`; true when it changes something. */
static bool order_of(const char *from, const char *to, int64_t *permutation)
{
	bool changes = false;
	for (int i = 0; to[i]; i++) {
		permutation[i] = strchr(from, to[i]) - from;
		changes = changes || permutation[i] != i;
	}
	return changes;
}

static const char *reordered(gd_keras *k, const char *x, const char *from, const char *to)
{
	int64_t permutation[GD_MAX_RANK];
	return order_of(from, to, permutation) ? gd_put_transpose(k, x, permutation, (int)strlen(to)) : x;
}

/* As one matrix product: (kept, summed) times (summed, fresh), when no letter is in all three terms. */
static const char *as_product(gd_keras *k, const equation *e, const char *x)
{
	char kept[GD_MAX_RANK + 1], summed[GD_MAX_RANK + 1], fresh[GD_MAX_RANK + 1], order[2 * GD_MAX_RANK + 1];
	int keeps = choose(e->in, e->kernel, false, kept), sums = choose(e->in, e->kernel, true, summed), news = choose(e->kernel, e->in, false, fresh);
	int64_t rows = 1, columns = 1, dims[2 * GD_MAX_RANK], permutation[GD_MAX_RANK], given[GD_MAX_RANK];
	int rank = (int)strlen(e->kernel);
	for (int i = 0; i < sums; i++)
		rows *= e->size[(int)summed[i]];
	for (int i = 0; i < news; i++)
		columns *= e->size[(int)fresh[i]];
	for (int i = 0; i < rank; i++)
		given[i] = e->size[(int)e->kernel[i]];
	(void)strcat(strcpy(order, kept), summed);
	x = reordered(k, x, e->in, order);
	for (int i = 0; i < keeps; i++)
		dims[i] = 0;
	dims[keeps] = rows;
	if (sums > 1)
		x = gd_put_reshape(k, x, dims, (size_t)keeps + 1);
	(void)strcat(strcpy(order, summed), fresh);
	(void)order_of(e->kernel, order, permutation);
	x = gd_put2(k, "MatMul", x, gd_keras_transposed(k, "", "kernel", rank, given, permutation, 2, (int64_t[]){ rows, columns }));
	for (int i = 0; i < news; i++)
		dims[keeps + i] = e->size[(int)fresh[i]];
	if (news != 1)
		x = gd_put_reshape(k, x, dims, (size_t)(keeps + news));
	(void)strcat(strcpy(order, kept), fresh);
	return reordered(k, x, order, e->out);
}

static const char *as_einsum(gd_keras *k, const equation *e, const char *x)
{
	int64_t given[GD_MAX_RANK];
	int rank = (int)strlen(e->kernel);
	char text[4 * GD_MAX_RANK], *to = text;
	const char *const terms[] = { e->in, ",", e->kernel, "->", e->out };
	for (int i = 0; i < rank; i++)
		given[i] = e->size[(int)e->kernel[i]];
	for (size_t t = 0; t < 5; t++) /* letters that stand for "..." must be letters that are not used */
		for (const char *c = terms[t]; *c; c++) {
			char letter = *c;
			for (char free = 'A'; letter >= '0' && letter <= '9' && free <= 'Z'; free++)
				if (!has(e->in, free) && !has(e->kernel, free) && !has(e->out, free) && letter-- == '0')
					letter = free;
			*to++ = letter;
		}
	*to = 0;
	x = gd_put2(k, "Einsum", x, gd_keras_tensor(k, "", "kernel", rank, given));
	gd_put_string(k, "equation", text);
	return x;
}

/* The bias has the axes of bias_axes, from the first of them in the output on, and 1 for the others. */
static const char *biased(gd_keras *k, const equation *e, const char *x)
{
	const char *axes = json_string_value(gd_keras_get(k->now, "bias_axes"));
	int64_t dims[GD_MAX_RANK];
	int rank = 0;
	for (const char *c = e->out; axes && *c; c++)
		if (rank || has(axes, *c))
			dims[rank++] = has(axes, *c) ? e->size[(int)*c] : 1;
	return rank ? gd_put2(k, "Add", x, gd_keras_tensor(k, "", "bias", rank, dims)) : x;
}

gd_status gd_family_einsum(gd_keras *k, gd_keras_call *call)
{
	gd_flow flow = gd_flow_plain(k, gd_keras_in(k, call, 2, GD_MAX_RANK));
	const char *text = json_string_value(gd_keras_get(k->now, "equation"));
	int64_t any[GD_MAX_RANK];
	equation e = { .size = { 0 } };
	if (!text || !read_equation(text, flow.shape.rank, &e) || !makes_sense(&e))
		return gd_keras_fail(k, GD_E_UNSUPPORTED, "has the equation %.60s over %d dimensions, which dlguider does not know", text ? text : "(none)",
			flow.shape.rank);
	for (int i = 0; i < GD_MAX_RANK; i++)
		any[i] = -1;
	const gd_tensor *kernel = gd_keras_weight(k, "", "kernel", (int)strlen(e.kernel), any);
	if (!kernel)
		return k->status;
	read_sizes(k, &e, &flow, kernel);
	bool apart = true, summed = false;
	for (const char *c = e.kernel; *c; c++) {
		apart = apart && !(has(e.in, *c) && has(e.out, *c));
		summed = summed || (has(e.in, *c) && !has(e.out, *c));
	}
	flow.name = apart && summed ? as_product(k, &e, flow.name) : as_einsum(k, &e, flow.name);
	flow.name = biased(k, &e, flow.name);
	flow.shape.rank = (int)strlen(e.out);
	for (int i = 0; i < flow.shape.rank; i++)
		flow.shape.dim[i] = e.size[(int)e.out[i]];
	flow.channels = -1;
	return gd_keras_out(k, call, gd_keras_activate(k, gd_keras_get(k->now, "activation"), flow));
}
