/* op.h - keras.ops that stand in functional models beside the layers: masks as Keras 3 writes them out, and what the
 * author wrote as x * 2 + y. */
#ifndef GD_KERAS_OP_H
#define GD_KERAS_OP_H
#include "model/keras/keras.h"

/* The row of an operation; NULL when dlguider does not know it. */
const gd_keras_family *gd_keras_op_find(const char *class_name);
/* Whether the operation only makes a mask, and so is nothing the author sees. */
bool gd_keras_op_is_mask(const gd_keras_layer *layer);

#endif
