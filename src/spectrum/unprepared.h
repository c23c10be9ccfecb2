/* unprepared.h - do the tests look as if the program changed them before the model saw them? Told by trying it.
 *
 * Only where most tests fail, no preparation was given, and all numbers lie in a range that programs are known to start from
 * (bytes, 0 to 1, -1 to 1): the first tests are run again, changed as programs do. A note is written where that makes many
 * more of them pass. The ranking is not touched.
 */
#ifndef GD_UNPREPARED_H
#define GD_UNPREPARED_H
#include "engine/feed.h"
#include "engine/session.h"
#include "spectrum/oracle.h"
#include "spectrum/spectrum.h"

typedef struct {
	gd_feed *feed;
	gd_session *session;
	const gd_oracle *oracle;
	gd_array *outputs;     /* room for what the session gives */
	gd_verdict *verdicts;  /* room for one batch */
	gd_spectrum *spectrum; /* complete; gets the note */
	int64_t batch;
} gd_unprepared;

GD_MUST_USE gd_status gd_unprepared_note(const gd_unprepared *request, gd_error *err);

#endif
