#include "engine/engine.h"
#include "base/checked.h"
#include "engine/complaint.h"
#include "engine/library.h"
#include "engine/ort_abi.h"
#include <stdlib.h>
#include <string.h>

struct gd_engine {
	const ort_api *api;
	OrtEnv *env;
	OrtSession *session;
	OrtRunOptions *run_options;
	OrtMemoryInfo *memory;
	OrtValue **lent; /* outputs of the last run, then inputs of the present one */
	size_t lent_count;
};

/* NULL is the engine's success; anything else is released here. */
static gd_status check(const ort_api *api, OrtStatus *status, gd_engine_stage stage, gd_error *err)
{
	if (!status)
		return GD_OK;
	gd_status result = gd_complaint(stage, ORT(api, GetErrorCode)(status), ORT(api, GetErrorMessage)(status), err);
	ORT(api, ReleaseStatus)(status);
	return result;
}

/* Waiting threads sleep instead of spinning. On a shared machine (2 cores, load 3, 2 threads) an MLP's 20,000 tests took
 * 56 ms against 136, a CNN's 256 took 70 to 84 ms against 76 to 136; alone with 1 thread there is no difference. */
static gd_status configure(const ort_api *api, OrtSessionOptions *options, gd_engine_options wanted, gd_error *err)
{
	int threads = wanted.threads > 0 ? wanted.threads : gd_library_processors();
	OrtStatus *steps[] = {
		ORT(api, SetSessionLogSeverityLevel)(options, ORT_ABI_LOG_FATAL),
		ORT(api, SetIntraOpNumThreads)(options, threads),
		ORT(api, SetInterOpNumThreads)(options, 1),
		ORT(api, SetSessionGraphOptimizationLevel)(options, wanted.fold ? ORT_ABI_OPTIMIZE_ALL : ORT_ABI_OPTIMIZE_NONE),
		ORT(api, AddSessionConfigEntry)(options, "session.intra_op.allow_spinning", "0"),
		/* 1.28 loses a node where a second MatMul and its normalisation are behind an activation whose value is an output, and
		 * where what enters a Pad before a pooling is read elsewhere too */
		ORT(api, AddSessionConfigEntry)(options, "optimization.disable_specified_optimizers", "MatMul_BatchNormalization_Fusion;Pad_Fusion"),
	};
	gd_status status = GD_OK;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		gd_status step = check(api, steps[i], GD_WHILE_STARTING, err);
		status = status ? status : step;
	}
	return status;
}

static gd_status start(gd_engine *engine, gd_error *err)
{
	const ort_api *api = engine->api;
	gd_status status = check(api, ORT(api, CreateEnv)(ORT_ABI_LOG_FATAL, "dlguider", &engine->env), GD_WHILE_STARTING, err);
	if (status == GD_OK)
		status = check(api, ORT(api, CreateRunOptions)(&engine->run_options), GD_WHILE_STARTING, err);
	if (status == GD_OK)
		status = check(api, ORT(api, CreateCpuMemoryInfo)(ORT_ABI_ALLOCATOR_DEVICE, ORT_ABI_MEMORY_DEFAULT, &engine->memory), GD_WHILE_STARTING, err);
	return status;
}

static gd_status load(gd_engine *engine, gd_bytes model, gd_engine_options wanted, gd_error *err)
{
	const ort_api *api = engine->api;
	OrtSessionOptions *options = NULL;
	gd_status status = check(api, ORT(api, CreateSessionOptions)(&options), GD_WHILE_STARTING, err);
	if (status == GD_OK)
		status = configure(api, options, wanted, err);
	if (status == GD_OK)
		status = check(api, ORT(api, CreateSessionFromArray)(engine->env, model.bytes, model.size, options, &engine->session), GD_WHILE_LOADING, err);
	if (options)
		ORT(api, ReleaseSessionOptions)(options);
	return status;
}

/* One run of bytes: the only part as it is, or a copy of all in *joined, which the caller frees. */
static gd_status join(const gd_bytes *parts, size_t part_count, gd_bytes *out, void **joined, gd_error *err)
{
	size_t size = 0, at = 0;
	for (size_t i = 0; i < part_count; i++)
		if (!gd_add_size(size, parts[i].size, &size))
			return gd_fail_memory(err, "joining the model and its probes");
	if (part_count == 1) {
		*out = parts[0];
		return GD_OK;
	}
	char *bytes = malloc(size ? size : 1);
	if (!bytes)
		return gd_fail_memory(err, "joining the model and its probes");
	for (size_t i = 0; i < part_count; i++) {
		if (parts[i].size)
			memcpy(bytes + at, parts[i].bytes, parts[i].size);
		at += parts[i].size;
	}
	*joined = bytes;
	*out = (gd_bytes){ .bytes = bytes, .size = size };
	return GD_OK;
}

gd_status gd_engine_open(const gd_bytes *parts, size_t part_count, gd_engine_options options, gd_engine **out, gd_error *err)
{
	gd_engine_info info;
	void *joined = NULL;
	gd_bytes model = { 0 };
	gd_engine *engine = calloc(1, sizeof *engine);
	if (!engine)
		return gd_fail_memory(err, "starting the engine");
	gd_status status = gd_library_open(&engine->api, &info, err);
	if (status == GD_OK)
		status = start(engine, err);
	if (status == GD_OK)
		status = join(parts, part_count, &model, &joined, err);
	if (status == GD_OK)
		status = load(engine, model, options, err);
	free(joined);
	if (status == GD_OK)
		*out = engine;
	else
		gd_engine_close(engine);
	return status;
}

static void release_lent(gd_engine *engine)
{
	for (size_t i = 0; i < engine->lent_count; i++)
		if (engine->lent[i])
			ORT(engine->api, ReleaseValue)(engine->lent[i]);
	free(engine->lent);
	engine->lent = NULL;
	engine->lent_count = 0;
}

static gd_status wrap_input(gd_engine *engine, const gd_array *input, OrtValue **out, gd_error *err)
{
	int rank = input->shape.rank;
	if (rank < 0 || rank > GD_MAX_RANK || gd_type_bytes(input->type) == 0)
		return gd_fail(err, GD_E_INTERNAL, "cannot give the engine an input of rank %d and type %s", rank, gd_type_name(input->type));
	OrtStatus *status = ORT(engine->api, CreateTensorWithDataAsOrtValue)(engine->memory, input->data, input->bytes, input->shape.dim,
		(size_t)rank, (unsigned)input->type, out);
	return check(engine->api, status, GD_WHILE_RUNNING, err);
}

static gd_status read_shape(const ort_api *api, const OrtTensorTypeAndShapeInfo *info, const char *name, gd_array *out, gd_error *err)
{
	unsigned type = 0;
	size_t rank = 0, count;
	gd_status status = check(api, ORT(api, GetTensorElementType)(info, &type), GD_WHILE_RUNNING, err);
	if (status == GD_OK)
		status = check(api, ORT(api, GetDimensionsCount)(info, &rank), GD_WHILE_RUNNING, err);
	if (status != GD_OK)
		return status;
	out->type = (gd_type)type;
	if (rank > GD_MAX_RANK || gd_type_bytes(out->type) == 0)
		return gd_fail(err, GD_E_UNSUPPORTED, "the value \"%s\" has rank %zu and type %s; dlguider reads numbers of rank 0 to %d", name, rank,
			gd_type_name(out->type), GD_MAX_RANK);
	out->shape.rank = (int)rank;
	status = check(api, ORT(api, GetDimensions)(info, out->shape.dim, rank), GD_WHILE_RUNNING, err);
	if (status == GD_OK && (!gd_shape_count(&out->shape, 0, &count) || !gd_mul_size(count, gd_type_bytes(out->type), &out->bytes)))
		return gd_fail(err, GD_E_INTERNAL, "the engine gave \"%s\" an impossible shape", name);
	return status;
}

static gd_status read_output(gd_engine *engine, const char *name, OrtValue *value, gd_array *out, gd_error *err)
{
	const ort_api *api = engine->api;
	int is_tensor = 0;
	*out = (gd_array){ 0 };
	gd_status status = check(api, ORT(api, IsTensor)(value, &is_tensor), GD_WHILE_RUNNING, err);
	if (status != GD_OK)
		return status;
	if (!is_tensor)
		return gd_fail(err, GD_E_UNSUPPORTED, "the value \"%s\" is no tensor (a sequence, a map or nothing); dlguider reads tensors only", name);
	OrtTensorTypeAndShapeInfo *info = NULL;
	status = check(api, ORT(api, GetTensorTypeAndShape)(value, &info), GD_WHILE_RUNNING, err);
	if (status == GD_OK)
		status = read_shape(api, info, name, out, err);
	if (info)
		ORT(api, ReleaseTensorTypeAndShapeInfo)(info);
	if (status == GD_OK)
		status = check(api, ORT(api, GetTensorMutableData)(value, &out->data), GD_WHILE_RUNNING, err);
	return status;
}

gd_status gd_engine_run(gd_engine *engine, const char *const *input_names, const gd_array *inputs, size_t input_count,
	const char *const *output_names, gd_array *outputs, size_t output_count, gd_error *err)
{
	const ort_api *api = engine->api;
	release_lent(engine);
	size_t count;
	if (!gd_add_size(input_count, output_count, &count) || !(engine->lent = calloc(count ? count : 1, sizeof *engine->lent)))
		return gd_fail_memory(err, "running the model");
	engine->lent_count = count;
	OrtValue **values = engine->lent, **given = engine->lent + output_count;
	gd_status status = GD_OK;
	for (size_t i = 0; i < input_count && status == GD_OK; i++)
		status = wrap_input(engine, &inputs[i], &given[i], err);
	if (status == GD_OK)
		status = check(api, ORT(api, Run)(engine->session, engine->run_options, input_names, (const OrtValue *const *)given, input_count,
			output_names, output_count, values), GD_WHILE_RUNNING, err);
	for (size_t i = 0; i < output_count && status == GD_OK; i++)
		status = read_output(engine, output_names[i], values[i], &outputs[i], err);
	if (status != GD_OK)
		release_lent(engine);
	return status;
}

void gd_engine_stop(gd_engine *engine, bool stop)
{
	OrtStatus *status = stop ? ORT(engine->api, RunOptionsSetTerminate)(engine->run_options) : ORT(engine->api, RunOptionsUnsetTerminate)(engine->run_options);
	if (status)
		ORT(engine->api, ReleaseStatus)(status);
}

void gd_engine_close(gd_engine *engine)
{
	if (!engine)
		return;
	const ort_api *api = engine->api;
	release_lent(engine);
	if (engine->memory)
		ORT(api, ReleaseMemoryInfo)(engine->memory);
	if (engine->run_options)
		ORT(api, ReleaseRunOptions)(engine->run_options);
	if (engine->session)
		ORT(api, ReleaseSession)(engine->session);
	if (engine->env)
		ORT(api, ReleaseEnv)(engine->env);
	free(engine);
}

gd_status gd_engine_find(gd_engine_info *out, gd_error *err)
{
	const ort_api *api;
	return gd_library_open(&api, out, err);
}
