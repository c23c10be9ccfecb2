/* Any bytes as a file of tests, begun with seeds of .csv: fuzz_npy.c is the same for single arrays. */
#include "fuzz_npy.c"
