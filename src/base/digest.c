#include "base/digest.h"
#include <openssl/evp.h>
#include <stdio.h>

gd_status gd_sha256(const void *bytes, size_t size, char out[GD_SHA256_TEXT], gd_error *err)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int length = 0;
	if (EVP_Digest(bytes, size, digest, &length, EVP_sha256(), NULL) != 1 || length != 32)
		return gd_fail(err, GD_E_INTERNAL, "the crypto library could not compute a SHA-256");
	for (unsigned int i = 0; i < length; i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
	return GD_OK;
}
