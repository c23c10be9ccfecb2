/* Operators that mean something to the layer table. To add one: a row, in strcmp order. */
#include "model/onnx/file.h"
#include <string.h>

/* clang-format off */
#define ACT(op, name) { op, GD_FAMILY_ACTIVATION, name, -1 }
#define PLAIN(op, family) { op, GD_FAMILY_##family, NULL, -1 }
#define WEIGHTY(op, family, input) { op, GD_FAMILY_##family, NULL, input }
/* clang-format on */

static const gd_onnx_op ops[] = {
	PLAIN("Add", MERGE),
	PLAIN("ArrayFeatureExtractor", SHAPE),
	WEIGHTY("Attention", ATTENTION, 1),
	PLAIN("AveragePool", POOLING),
	WEIGHTY("BatchNormalization", NORMALIZATION, 1),
	ACT("BiasGelu", "gelu"),
	PLAIN("Cast", SHAPE),
	ACT("Celu", "celu"),
	ACT("Clip", "clip"),
	PLAIN("Concat", MERGE),
	WEIGHTY("Conv", CONV, 1),
	WEIGHTY("ConvInteger", CONV, 1),
	WEIGHTY("ConvTranspose", CONV_TRANSPOSE, 1),
	PLAIN("DepthToSpace", UPSAMPLING),
	PLAIN("DequantizeLinear", SHAPE),
	PLAIN("Div", MERGE),
	PLAIN("Dropout", REGULARIZER),
	WEIGHTY("Einsum", DENSE, 1),
	ACT("Elu", "elu"),
	WEIGHTY("EmbedLayerNormalization", EMBEDDING, 2),
	PLAIN("Expand", SHAPE),
	ACT("FastGelu", "gelu"),
	PLAIN("Flatten", SHAPE),
	WEIGHTY("FusedConv", CONV, 1),
	WEIGHTY("FusedGemm", DENSE, 1),
	WEIGHTY("FusedMatMul", DENSE, 1),
	WEIGHTY("GRU", RECURRENT, 1),
	WEIGHTY("Gather", EMBEDDING, 0),
	ACT("Gelu", "gelu"),
	WEIGHTY("Gemm", DENSE, 1),
	PLAIN("GlobalAveragePool", POOLING),
	PLAIN("GlobalLpPool", POOLING),
	PLAIN("GlobalMaxPool", POOLING),
	WEIGHTY("GroupNorm", NORMALIZATION, 1),
	WEIGHTY("GroupNormalization", NORMALIZATION, 1),
	ACT("HardSigmoid", "hard_sigmoid"),
	ACT("HardSwish", "hard_silu"),
	PLAIN("Identity", SHAPE),
	WEIGHTY("InstanceNormalization", NORMALIZATION, 1),
	PLAIN("LRN", NORMALIZATION),
	WEIGHTY("LSTM", RECURRENT, 1),
	PLAIN("LabelEncoder", SHAPE),
	WEIGHTY("LayerNormalization", NORMALIZATION, 1),
	ACT("LeakyRelu", "leaky_relu"),
	ACT("LogSoftmax", "log_softmax"),
	PLAIN("LpNormalization", NORMALIZATION),
	PLAIN("LpPool", POOLING),
	WEIGHTY("MatMul", DENSE, 1),
	WEIGHTY("MatMulInteger", DENSE, 1),
	WEIGHTY("MatMulNBits", DENSE, 1),
	PLAIN("Max", MERGE),
	PLAIN("MaxPool", POOLING),
	PLAIN("Mean", MERGE),
	PLAIN("MeanVarianceNormalization", NORMALIZATION),
	PLAIN("Min", MERGE),
	ACT("Mish", "mish"),
	PLAIN("Mul", MERGE),
	PLAIN("MultiHeadAttention", ATTENTION),
	PLAIN("Normalizer", NORMALIZATION),
	{ "PRelu", GD_FAMILY_ACTIVATION, "prelu", 1 },
	PLAIN("Pad", SHAPE),
	WEIGHTY("QLinearConv", CONV, 3),
	WEIGHTY("QLinearMatMul", DENSE, 3),
	PLAIN("QuantizeLinear", SHAPE),
	ACT("QuickGelu", "quick_gelu"),
	WEIGHTY("RMSNormalization", NORMALIZATION, 1),
	WEIGHTY("RNN", RECURRENT, 1),
	PLAIN("ReduceMax", POOLING),
	PLAIN("ReduceMean", POOLING),
	PLAIN("ReduceSum", POOLING),
	ACT("Relu", "relu"),
	PLAIN("Reshape", SHAPE),
	PLAIN("Resize", UPSAMPLING),
	PLAIN("Scaler", NORMALIZATION),
	ACT("Selu", "selu"),
	ACT("Sigmoid", "sigmoid"),
	WEIGHTY("SimplifiedLayerNormalization", NORMALIZATION, 1),
	WEIGHTY("SkipLayerNormalization", NORMALIZATION, 2),
	WEIGHTY("SkipSimplifiedLayerNormalization", NORMALIZATION, 2),
	PLAIN("Slice", SHAPE),
	ACT("Softmax", "softmax"),
	ACT("Softplus", "softplus"),
	ACT("Softsign", "softsign"),
	PLAIN("SpaceToDepth", SHAPE),
	PLAIN("Split", SHAPE),
	PLAIN("Squeeze", SHAPE),
	PLAIN("Sub", MERGE),
	PLAIN("Sum", MERGE),
	ACT("Swish", "silu"),
	ACT("Tanh", "tanh"),
	ACT("ThresholdedRelu", "thresholded_relu"),
	PLAIN("Tile", SHAPE),
	PLAIN("Transpose", SHAPE),
	PLAIN("Unsqueeze", SHAPE),
	PLAIN("Upsample", UPSAMPLING),
	PLAIN("Where", MERGE),
	PLAIN("ZipMap", SHAPE),
};

const gd_onnx_op *gd_onnx_op_find(const gd_node *node)
{
	static const gd_onnx_op other = { "", GD_FAMILY_OTHER, NULL, -1 },
							attention = { "Attention", GD_FAMILY_ATTENTION, NULL, -1 };
	bool own = *node->domain == 0;
	if (own && strcmp(node->op, "Attention") == 0) /* opset 23's has no weights, com.microsoft's has */
		return &attention;
	size_t low = 0,
		   high = own || strcmp(node->domain, "ai.onnx.ml") == 0 || strncmp(node->domain, "com.microsoft", 13) == 0
					  ? sizeof ops / sizeof ops[0]
					  : 0;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(node->op, ops[middle].op);
		if (order == 0)
			return &ops[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return &other;
}
