/* dlguider.h - which layer of a trained model is faulty. The only public header; C99 and C++.
 *
 * Every handle is opaque, made through the last out-parameter and freed by its _free function (NULL is fine). Functions
 * return a dlg_status and write one sentence into the caller's dlg_error. No global state: different objects may be used
 * from different threads. Strings are UTF-8 and, where returned, live as long as the handle they came from.
 */
#ifndef DLGUIDER_H
#define DLGUIDER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define DLG_API __attribute__((visibility("default")))
#else
#define DLG_API
#endif

/* "0.1.0" */
DLG_API const char *dlg_version(void);

#ifdef __cplusplus
}
#endif
#endif
