"""Which operations a graph from elsewhere may run: those that only compute.

A GraphDef is a program: it can read and write files and call out. Whatever is not listed here is
refused before anything runs.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.node_def_pb2 import NodeDef

from poets.errors import ModelError

TRUST_HINT = "If you made this graph yourself: --trust_graph."

_HARMLESS = {
    "passing on": """
        Placeholder PlaceholderV2 PlaceholderWithDefault Const HostConst NoOp Identity IdentityN
        StopGradient PreventGradient Snapshot EnsureShape Assert CheckNumerics GuaranteeConst
    """,
    "control flow": """
        Enter Exit Merge NextIteration Switch LoopCond ControlTrigger RefEnter RefExit RefMerge
        RefSwitch RefIdentity If StatelessIf Case StatelessCase While StatelessWhile FakeParam
        PartitionedCall StatefulPartitionedCall
    """,
    "shapes": """
        Cast Bitcast Complex Real Imag Conj Angle ComplexAbs Shape ShapeN Size Rank Reshape Squeeze
        ExpandDims Pack Unpack Concat ConcatV2 ConcatOffset Split SplitV Slice StridedSlice Gather
        GatherV2 GatherNd ScatterNd TensorScatterUpdate TensorScatterAdd TensorScatterSub
        TensorScatterMax TensorScatterMin Tile Fill ZerosLike OnesLike BroadcastTo BroadcastArgs
        BroadcastGradientArgs Transpose ConjugateTranspose InvertPermutation Reverse ReverseV2
        ReverseSequence Roll Pad PadV2 MirrorPad Where Select SelectV2 OneHot Unique UniqueV2
        DynamicPartition DynamicStitch ParallelDynamicStitch Range LinSpace Diag DiagPart MatrixDiag
        MatrixDiagV2 MatrixDiagV3 MatrixDiagPart MatrixDiagPartV2 MatrixDiagPartV3 MatrixSetDiag
        MatrixSetDiagV2 MatrixSetDiagV3 MatrixBandPart SpaceToBatch SpaceToBatchND BatchToSpace
        BatchToSpaceND SpaceToDepth DepthToSpace DataFormatDimMap DataFormatVecPermute SparseToDense
        SparseTensorDenseMatMul SparseReorder SparseReshape UnravelIndex ListDiff
    """,
    "lists": """
        TensorArray TensorArrayV2 TensorArrayV3 TensorArrayWrite TensorArrayWriteV2
        TensorArrayWriteV3 TensorArrayRead TensorArrayReadV2 TensorArrayReadV3 TensorArrayGather
        TensorArrayGatherV2 TensorArrayGatherV3 TensorArrayScatter TensorArrayScatterV2
        TensorArrayScatterV3 TensorArraySize TensorArraySizeV2 TensorArraySizeV3 TensorArrayConcat
        TensorArrayConcatV2 TensorArrayConcatV3 TensorArraySplit TensorArraySplitV2
        TensorArraySplitV3 TensorArrayClose TensorArrayCloseV2 TensorArrayCloseV3 EmptyTensorList
        TensorListReserve TensorListFromTensor TensorListStack TensorListGetItem TensorListSetItem
        TensorListPushBack TensorListPopBack TensorListLength TensorListElementShape
        TensorListGather TensorListResize TensorListConcatV2 TensorListSplit
    """,
    "arithmetic": """
        Add AddV2 AddN AccumulateNV2 Sub Mul MulNoNan Div DivNoNan RealDiv FloorDiv TruncateDiv Mod
        FloorMod TruncateMod Pow Maximum Minimum SquaredDifference Neg Abs Sign Square Sqrt Rsqrt
        Reciprocal Inv Exp Expm1 Log Log1p Xlogy Xlog1py Xdivy Sin Cos Tan Asin Acos Atan Atan2 Sinh
        Cosh Tanh Asinh Acosh Atanh Erf Erfc Erfinv Ndtri Lgamma Digamma Floor Ceil Round Rint
        ClipByValue IsNan IsInf IsFinite Equal NotEqual ApproximateEqual Less LessEqual Greater
        GreaterEqual LogicalAnd LogicalOr LogicalNot BitwiseAnd BitwiseOr BitwiseXor Invert
        LeftShift RightShift Cumsum Cumprod CumulativeLogsumexp NextAfter
    """,
    "reductions and algebra": """
        Sum Mean Prod Max Min All Any ArgMax ArgMin EuclideanNorm L2Loss Bincount DenseBincount
        SegmentSum SegmentMean SegmentMax SegmentMin SegmentProd UnsortedSegmentSum
        UnsortedSegmentMax UnsortedSegmentMin UnsortedSegmentProd TopK TopKV2 InTopK InTopKV2
        NthElement MatMul BatchMatMul BatchMatMulV2 BatchMatMulV3 SparseMatMul Einsum Cross
        MatrixInverse MatrixDeterminant MatrixSolve MatrixTriangularSolve Cholesky Qr Svd FFT FFT2D
        IFFT IFFT2D RFFT RFFT2D IRFFT IRFFT2D
    """,
    "networks": """
        Conv Conv2D Conv2DBackpropInput Conv2DBackpropInputV2 Conv3D DepthwiseConv2dNative
        Dilation2D FusedPadConv2D FusedResizeAndPadConv2D BiasAdd BiasAddV1
        BatchNormWithGlobalNormalization FusedBatchNorm FusedBatchNormV2 FusedBatchNormV3 LRN
        AvgPool AvgPool3D MaxPool MaxPoolV2 MaxPool3D MaxPoolWithArgmax FractionalAvgPool
        FractionalMaxPool Relu Relu6 LeakyRelu Elu Selu Softplus Softsign Sigmoid Softmax LogSoftmax
        ExtractImagePatches ExtractVolumePatches SoftmaxCrossEntropyWithLogits
        SparseSoftmaxCrossEntropyWithLogits
    """,
    "quantization": """
        FakeQuantWithMinMaxArgs FakeQuantWithMinMaxVars FakeQuantWithMinMaxVarsPerChannel
        QuantizeAndDequantize QuantizeAndDequantizeV2 QuantizeAndDequantizeV3
        QuantizeAndDequantizeV4 QuantizeV2 Dequantize Requantize RequantizationRange
        QuantizeDownAndShrinkRange QuantizedAdd QuantizedMul QuantizedMatMul QuantizedConv2D
        QuantizedDepthwiseConv2D QuantizedBiasAdd QuantizedBatchNormWithGlobalNormalization
        QuantizedInstanceNorm QuantizedAvgPool QuantizedMaxPool QuantizedRelu QuantizedRelu6
        QuantizedReluX QuantizedReshape QuantizedConcat QuantizedConcatV2 QuantizedResizeBilinear
        UniformQuantize UniformDequantize
    """,
    "pictures": """
        DecodeJpeg DecodeAndCropJpeg DecodePng DecodeBmp DecodeGif DecodeImage DecodeWebP DecodeRaw
        DecodeBase64 ExtractJpegShape ResizeBilinear ResizeBicubic ResizeArea ResizeNearestNeighbor
        ScaleAndTranslate CropAndResize ImageProjectiveTransformV2 ImageProjectiveTransformV3
        AdjustContrast AdjustContrastv2 AdjustHue AdjustSaturation RGBToHSV HSVToRGB
        NonMaxSuppression NonMaxSuppressionV2 NonMaxSuppressionV3 NonMaxSuppressionV4
        NonMaxSuppressionV5 CombinedNonMaxSuppression
    """,
    "random numbers and text": """
        RandomUniform RandomUniformInt RandomStandardNormal TruncatedNormal StatelessRandomUniform
        StatelessRandomUniformV2 StatelessRandomNormal StatelessRandomNormalV2
        StatelessTruncatedNormal StatelessTruncatedNormalV2 StatelessRandomGetKeyCounter
        StatelessRandomGetAlg StatelessRandomGetKeyCounterAlg AsString StringJoin StringLength
    """,
}
ALLOWED_OPS = frozenset(op for ops in _HARMLESS.values() for op in ops.split())

_WRITES = (
    r"^Write|^Save|^MergeV2Checkpoints|^PrintV2|^Debug|^Dump|Summary.*Writer|ToTFRecord|^Snapshot"
)
_READS = (
    r"File(?!name|spec)|Reader|Restore|^LoadDataset|^LoadAndRemap|ImmutableConst|TFRecord"
    r"|TextLine|FixedLength|CSVDataset|SqlDataset|LMDB|Checkpoint|VocabRemapping"
)
_REASONS = (  # the first pattern that is found in a refused operation's name
    (r"PyFunc", "can run Python code"),
    (r"^Variable|Var.*Op$|^Assign|^Resource", "needs variables: the graph is not frozen"),
    (r"Rpc|RemoteCall|Send|Recv|DataService|BigQuery", "can reach the network"),
    (_WRITES, "can write to this machine's files"),
    (_READS, "can read this machine's files"),
)
_UNKNOWN = "is not known to be harmless"
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_>.]{1,80}")


def check_ops(
    graph: GraphDef, path: Path, hint: str = TRUST_HINT, also: frozenset[str] = frozenset()
) -> None:
    """Raise ModelError for the first operation that is not known to do nothing but compute.

    The functions in the graph's library count too, called or not. Operations in `also` pass.
    """
    functions = {function.signature.name for function in graph.library.function}
    passing = ALLOWED_OPS | also | functions
    for node in _nodes(graph):
        for op in (node.op, *_called(node)):
            if op not in passing:
                raise ModelError(f"{path} runs {_plain(op)}, which {_why(op)}. Refused.", hint=hint)


def _nodes(graph: GraphDef) -> Iterator[NodeDef]:
    yield from graph.node
    for function in graph.library.function:
        yield from function.node_def


def _called(node: NodeDef) -> Iterable[str]:
    """Yield the names of the functions that a node's attributes hold."""
    for value in node.attr.values():
        if value.HasField("func"):
            yield value.func.name
        yield from (function.name for function in value.list.func)


def _why(op: str) -> str:
    return next((reason for pattern, reason in _REASONS if re.search(pattern, op)), _UNKNOWN)


def _plain(op: str) -> str:
    """Return a name that cannot write control characters to a terminal."""
    return op if _PLAIN_NAME.fullmatch(op) else ascii(op[:80])
