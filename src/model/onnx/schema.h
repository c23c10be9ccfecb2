/* schema.h - the numbers of ONNX's protobuf schema that dlguider reads or writes: field numbers of each message, and
 * the type codes of attributes. Taken from the public schema; they never change once given out.
 */
#ifndef GD_ONNX_SCHEMA_H
#define GD_ONNX_SCHEMA_H

enum { /* wire types */
	GD_WIRE_VARINT = 0,
	GD_WIRE_FIXED64 = 1,
	GD_WIRE_BYTES = 2,
	GD_WIRE_FIXED32 = 5
};

enum { /* ModelProto */
	GD_MODEL_IR_VERSION = 1,
	GD_MODEL_PRODUCER = 2,
	GD_MODEL_PRODUCER_VERSION = 3,
	GD_MODEL_GRAPH = 7,
	GD_MODEL_OPSET = 8,
	GD_MODEL_METADATA = 14,
	GD_MODEL_TRAINING = 20,
	GD_MODEL_FUNCTION = 25
};
enum { GD_OPSET_DOMAIN = 1, GD_OPSET_VERSION = 2 };
enum { GD_ENTRY_KEY = 1, GD_ENTRY_VALUE = 2 }; /* StringStringEntryProto */

enum { /* GraphProto */
	GD_GRAPH_NODE = 1,
	GD_GRAPH_NAME = 2,
	GD_GRAPH_INITIALIZER = 5,
	GD_GRAPH_INPUT = 11,
	GD_GRAPH_OUTPUT = 12,
	GD_GRAPH_VALUE = 13,
	GD_GRAPH_SPARSE = 15
};

enum { /* NodeProto */
	GD_NODE_INPUT = 1,
	GD_NODE_OUTPUT = 2,
	GD_NODE_NAME = 3,
	GD_NODE_OP = 4,
	GD_NODE_ATTRIBUTE = 5,
	GD_NODE_DOC = 6,
	GD_NODE_DOMAIN = 7,
	GD_NODE_METADATA = 9
};

enum { /* AttributeProto */
	GD_ATTRIBUTE_NAME = 1,
	GD_ATTRIBUTE_F = 2,
	GD_ATTRIBUTE_I = 3,
	GD_ATTRIBUTE_S = 4,
	GD_ATTRIBUTE_T = 5,
	GD_ATTRIBUTE_G = 6,
	GD_ATTRIBUTE_FLOATS = 7,
	GD_ATTRIBUTE_INTS = 8,
	GD_ATTRIBUTE_STRINGS = 9,
	GD_ATTRIBUTE_TENSORS = 10,
	GD_ATTRIBUTE_GRAPHS = 11,
	GD_ATTRIBUTE_TYPE = 20,
	GD_ATTRIBUTE_SPARSE = 22,
	GD_ATTRIBUTE_SPARSES = 23
};
enum { /* AttributeProto.AttributeType */
	GD_ATTRIBUTE_IS_FLOAT = 1,
	GD_ATTRIBUTE_IS_INT = 2,
	GD_ATTRIBUTE_IS_STRING = 3,
	GD_ATTRIBUTE_IS_TENSOR = 4,
	GD_ATTRIBUTE_IS_GRAPH = 5,
	GD_ATTRIBUTE_IS_FLOATS = 6,
	GD_ATTRIBUTE_IS_INTS = 7,
	GD_ATTRIBUTE_IS_STRINGS = 8
};

enum { /* TensorProto */
	GD_TENSOR_DIMS = 1,
	GD_TENSOR_TYPE = 2,
	GD_TENSOR_SEGMENT = 3,
	GD_TENSOR_FLOATS = 4,
	GD_TENSOR_INT32S = 5,
	GD_TENSOR_STRINGS = 6,
	GD_TENSOR_INT64S = 7,
	GD_TENSOR_NAME = 8,
	GD_TENSOR_RAW = 9,
	GD_TENSOR_DOUBLES = 10,
	GD_TENSOR_UINT64S = 11,
	GD_TENSOR_EXTERNAL = 13,
	GD_TENSOR_LOCATION = 14
};

enum { GD_VALUE_NAME = 1, GD_VALUE_TYPE = 2 }; /* ValueInfoProto */
enum { GD_TYPE_TENSOR = 1 };                   /* TypeProto */
enum { GD_TENSOR_TYPE_ELEMENT = 1, GD_TENSOR_TYPE_SHAPE = 2 };
enum { GD_SHAPE_DIM = 1 }; /* TensorShapeProto */
enum { GD_DIM_VALUE = 1, GD_DIM_PARAM = 2 };

#endif
