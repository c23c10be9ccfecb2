/* Any bytes as a file of tests, begun with seeds of .idx: fuzz_npy.c is the same for single arrays. */
#include "fuzz_npy.c"
