/* ort_abi.h - the part of ONNX Runtime's C ABI that dlguider calls, declared here so that nothing of it is needed to
 * build.
 *
 * The library exports one symbol, OrtGetApiBase; behind it lies a table of function pointers whose order is append-only
 * and frozen by the API version asked for. A row below is (place in the table, name, result, parameters); enums are
 * passed as int or unsigned, which C makes compatible. tests/py/test_ort_abi.py compares every place, signature and
 * value with the packaged header of version 21.
 *
 * To use one more entry: add its row (the test says the right place when it is wrong).
 */
#ifndef GD_ORT_ABI_H
#define GD_ORT_ABI_H
#include <stddef.h>
#include <stdint.h>

enum { ORT_ABI_VERSION = 21 };

typedef struct OrtEnv OrtEnv;
typedef struct OrtStatus OrtStatus;
typedef struct OrtMemoryInfo OrtMemoryInfo;
typedef struct OrtSession OrtSession;
typedef struct OrtSessionOptions OrtSessionOptions;
typedef struct OrtRunOptions OrtRunOptions;
typedef struct OrtValue OrtValue;
typedef struct OrtTensorTypeAndShapeInfo OrtTensorTypeAndShapeInfo;

/* OrtErrorCode */
#define ORT_ABI_ERRORS(X)                                                                                              \
	X(OK, 0) X(FAIL, 1) X(INVALID_ARGUMENT, 2) X(NO_SUCHFILE, 3) X(NO_MODEL, 4) X(ENGINE_ERROR, 5)                     \
	X(RUNTIME_EXCEPTION, 6) X(INVALID_PROTOBUF, 7) X(MODEL_LOADED, 8) X(NOT_IMPLEMENTED, 9) X(INVALID_GRAPH, 10)       \
	X(EP_FAIL, 11)

/* ONNXTensorElementDataType: the numbers of TensorProto.DataType, hence of gd_type. */
#define ORT_ABI_TYPES(X)                                                                                               \
	X(FLOAT, 1) X(UINT8, 2) X(INT8, 3) X(UINT16, 4) X(INT16, 5) X(INT32, 6) X(INT64, 7) X(STRING, 8) X(BOOL, 9)        \
	X(FLOAT16, 10) X(DOUBLE, 11) X(UINT32, 12) X(UINT64, 13) X(BFLOAT16, 16)

enum {
#define X(name, value) ORT_ABI_##name = (value),
	ORT_ABI_ERRORS(X)
#undef X
#define X(name, value) ORT_ABI_TYPE_##name = (value),
	ORT_ABI_TYPES(X)
#undef X
	ORT_ABI_LOG_FATAL = 4,       /* OrtLoggingLevel */
	ORT_ABI_OPTIMIZE_NONE = 0,   /* GraphOptimizationLevel */
	ORT_ABI_OPTIMIZE_ALL = 99,
	ORT_ABI_ALLOCATOR_DEVICE = 0, /* OrtAllocatorType */
	ORT_ABI_MEMORY_DEFAULT = 0    /* OrtMemType */
};

#define ORT_ABI_CALLS(X)                                                                                               \
	X(1, GetErrorCode, unsigned, (const OrtStatus *status))                                                            \
	X(2, GetErrorMessage, const char *, (const OrtStatus *status))                                                     \
	X(3, CreateEnv, OrtStatus *, (unsigned log_level, const char *log_id, OrtEnv **out))                               \
	X(8, CreateSessionFromArray, OrtStatus *,                                                                          \
		(const OrtEnv *env, const void *bytes, size_t size, const OrtSessionOptions *options, OrtSession **out))       \
	X(9, Run, OrtStatus *,                                                                                             \
		(OrtSession * session, const OrtRunOptions *options, const char *const *input_names,                           \
			const OrtValue *const *inputs, size_t input_count, const char *const *output_names, size_t output_count,   \
			OrtValue **outputs))                                                                                       \
	X(10, CreateSessionOptions, OrtStatus *, (OrtSessionOptions * *out))                                               \
	X(22, SetSessionLogSeverityLevel, OrtStatus *, (OrtSessionOptions * options, int level))                           \
	X(23, SetSessionGraphOptimizationLevel, OrtStatus *, (OrtSessionOptions * options, unsigned level))                \
	X(24, SetIntraOpNumThreads, OrtStatus *, (OrtSessionOptions * options, int count))                                 \
	X(25, SetInterOpNumThreads, OrtStatus *, (OrtSessionOptions * options, int count))                                 \
	X(39, CreateRunOptions, OrtStatus *, (OrtRunOptions * *out))                                                       \
	X(46, RunOptionsSetTerminate, OrtStatus *, (OrtRunOptions * options))                                              \
	X(47, RunOptionsUnsetTerminate, OrtStatus *, (OrtRunOptions * options))                                            \
	X(49, CreateTensorWithDataAsOrtValue, OrtStatus *,                                                                 \
		(const OrtMemoryInfo *info, void *data, size_t bytes, const int64_t *dims, size_t rank, unsigned type,         \
			OrtValue **out))                                                                                           \
	X(50, IsTensor, OrtStatus *, (const OrtValue *value, int *out))                                                    \
	X(51, GetTensorMutableData, OrtStatus *, (OrtValue * value, void **out))                                           \
	X(60, GetTensorElementType, OrtStatus *, (const OrtTensorTypeAndShapeInfo *info, unsigned *out))                   \
	X(61, GetDimensionsCount, OrtStatus *, (const OrtTensorTypeAndShapeInfo *info, size_t *out))                       \
	X(62, GetDimensions, OrtStatus *, (const OrtTensorTypeAndShapeInfo *info, int64_t *dims, size_t rank))             \
	X(65, GetTensorTypeAndShape, OrtStatus *, (const OrtValue *value, OrtTensorTypeAndShapeInfo **out))                \
	X(69, CreateCpuMemoryInfo, OrtStatus *, (int allocator, int memory, OrtMemoryInfo **out))                          \
	X(92, ReleaseEnv, void, (OrtEnv * env))                                                                            \
	X(93, ReleaseStatus, void, (OrtStatus * status))                                                                   \
	X(94, ReleaseMemoryInfo, void, (OrtMemoryInfo * info))                                                             \
	X(95, ReleaseSession, void, (OrtSession * session))                                                                \
	X(96, ReleaseValue, void, (OrtValue * value))                                                                      \
	X(97, ReleaseRunOptions, void, (OrtRunOptions * options))                                                          \
	X(99, ReleaseTensorTypeAndShapeInfo, void, (OrtTensorTypeAndShapeInfo * info))                                     \
	X(100, ReleaseSessionOptions, void, (OrtSessionOptions * options))                                                 \
	X(130, AddSessionConfigEntry, OrtStatus *, (OrtSessionOptions * options, const char *key, const char *value))

#define X(at, name, result, parameters) typedef result(*ort_##name) parameters;
ORT_ABI_CALLS(X)
#undef X

enum {
#define X(at, name, result, parameters) ORT_AT_##name = (at),
	ORT_ABI_CALLS(X)
#undef X
	ORT_ABI_ENTRIES = 131 /* the highest place used, plus one */
};

typedef struct {
	void (*entry[ORT_ABI_ENTRIES])(void);
} ort_api;

typedef struct {
	const ort_api *(*GetApi)(uint32_t version); /* NULL when the library is older than the version */
	const char *(*GetVersionString)(void);
} ort_base;

typedef const ort_base *(*ort_get_base)(void); /* the exported symbol OrtGetApiBase */

#define ORT(api, name) ((ort_##name)(api)->entry[ORT_AT_##name])

#endif
