#include "dlguider.h"

const char *dlg_version(void)
{
	return DLGUIDER_VERSION;
}
