/* library.h - finds and opens ONNX Runtime's shared library. For this room only.
 *
 * Order: DLGUIDER_ONNXRUNTIME (a wrong one is an error, not a reason to look further), beside the loaded libdlguider
 * (DIR/dlguider, DIR/../lib/dlguider), the build tree's, the system's. Sets ORT_DISABLE_TELEMETRY=1 in the process before
 * opening: official libraries from 1.29 on send reports otherwise. Once opened, the library stays loaded until the
 * process ends, held by the dynamic loader: there is no state here.
 */
#ifndef GD_ENGINE_LIBRARY_H
#define GD_ENGINE_LIBRARY_H
#include "engine/engine.h"
#include "engine/ort_abi.h"

GD_MUST_USE gd_status gd_library_open(const ort_api **api, gd_engine_info *info, gd_error *err);
/* Processors this process may run on, at least 1. */
int gd_library_processors(void);

#endif
