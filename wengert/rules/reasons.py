"""Why a public name of NumPy or `cmath` has no row: what to write instead, or that there is nothing to differentiate.

In: nothing. Out: tables by module and name. A row in `wengert.rules.kinds.RULES` comes before both of them.

    REFUSED["numpy"]["apply_along_axis"]        "it calls a function of Python: write the loop"
    "array2string" in KEPT["numpy"]             True: called as it stands, its result carries no derivative

The names are those of NumPy 1.26 and of all versions since.
"""

from __future__ import annotations

_CALLS = "it calls a function of Python: write the loop"
_DATES = "dates and times are no numbers: convert them to floats before"
_ELSEWHERE = "it is not for arrays of numbers: use the functions of np"
_MATRIX = "matrices are not arrays: use np.block and two-dimensional arrays"
_OBJECTS = "its objects are no arrays: use np.polyval and the coefficients"
_PARTS = "it has parts of several kinds: use np.histogram with weights"
_POINTS = "the grid of points is one call of np.polyval for each axis"
_RECORDS = "records are no arrays of numbers: use one array for each field"
_REALS = "whether its result is complex depends on the values: write .astype(complex), then the function of np"
_SAMPLES = "its slope by the parameters is not known: draw outside of the differentiated part, or from a location-scale family"
_STATE = "it changes the state of a generator: call it outside of the differentiated part"
_VALUES = "how many values it gives depends on them: use np.sort, or an index"
_WHOLE = "its values jump: use the slope of the logarithm of their probability instead, or cut it with wengert.stop_gradient"
_WALKS = "it walks an array entry by entry: loop over indices, for i in range(x.size)"
_WIDE = "extended precision has no derivative here: use float64 or complex128"


def _each(*reasons: tuple[str, str]) -> dict[str, str]:
    """The reason of each name, from reasons and the names that they hold for."""
    return {name: reason for reason, names in reasons for name in names.split()}


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


REFUSED: dict[str, dict[str, str]] = {
    "numpy": _each(
        (_CALLS, "apply_over_axes frompyfunc fromiter"),
        (_VALUES, "in1d"),
        (_REALS, "real_if_close emath"),
        (_PARTS, "histogramdd"),
        (_MATRIX, "asmatrix bmat mat matrix matlib"),
        (_RECORDS, "rec recarray record void"),
        (_WALKS, "nditer nested_iters ndenumerate flatiter broadcast"),
        (_DATES, "datetime64 timedelta64"),
        (_WIDE, "longdouble longfloat clongdouble clongfloat longcomplex float128 complex256 float96 complex192"),
        (_ELSEWHERE, "char strings chararray ma memmap"),
        (_OBJECTS, "poly1d"),
        ("use np.asarray", "asfarray"),
    )
    | {
        "row_stack": "use np.vstack",
        "trapz": "use np.sum((y[1:] + y[:-1]) / 2 * np.diff(x)), or np.trapezoid in NumPy 2",
        "cumproduct": "use np.cumprod",
        "product": "use np.prod",
        "msort": "use np.sort(x, axis=0)",
        "round_": "use np.round",
        "fastCopyAndTranspose": "use x.T.copy()",
        "nextafter": "a neighbor among the floating point numbers is the number itself: leave it out",
        "from_dlpack": "use np.asarray outside of the differentiated part",
        "ndindex": "loop over the axes: for i in range(n)",
    },
    "numpy.linalg": {},
    "numpy.fft": {},
    "numpy.random": _each(
        (_STATE, "seed set_state set_bit_generator shuffle spawn"),
        (_SAMPLES, "beta chisquare dirichlet f noncentral_chisquare noncentral_f standard_gamma standard_t wald"),
        (_WHOLE, "binomial geometric hypergeometric logseries multinomial multivariate_hypergeometric negative_binomial"),
        (_WHOLE, "poisson zipf"),
        ("draw an index: a[rng.permutation(len(a))]", "choice permutation permuted"),
    ),
    "numpy.polynomial.polynomial": _each(
        (_OBJECTS, "ABCPolyBase Polynomial"),
        (_POINTS, "polygrid3d polyval3d"),
    )
    | {
        "polycompanion": "write the matrix with np.eye(n, k=-1) and a column",
        "polytrim": _VALUES,
        "polyvander2d": "use products of two np.vander",
        "polyvander3d": "use products of three np.vander",
    },
    "math": {},
    "cmath": {},
}
"""A derivative has to go through it and cannot: the text says what to write instead."""


KEPT: dict[str, frozenset[str]] = {
    "numpy": _names(
        "array2string array_equiv array_repr array_str base_repr binary_repr bitwise_count broadcast_shapes "
        "busday_count busday_offset byte_bounds can_cast common_type compare_chararrays datetime_as_string datetime_data "
        "deprecate deprecate_with_doc diag_indices diag_indices_from disp find_common_type format_float_positional "
        "format_float_scientific frombuffer fromfile fromregex fromstring genfromtxt get_array_wrap get_include "
        "get_printoptions getbufsize geterr geterrcall geterrobj info is_busday iscomplex "
        "iscomplexobj isdtype isfortran isin isnat isreal isrealobj isscalar issctype issubclass_ issubdtype issubsctype "
        "iterable ix_ load loadtxt lookfor mask_indices maximum_sctype may_share_memory min_scalar_type mintypecode nanargmax "
        "nanargmin obj2sctype packbits printoptions promote_types ravel_multi_index recfromcsv recfromtxt result_type "
        "safe_eval save savetxt savez savez_compressed sctype2char set_numeric_ops set_printoptions set_string_function "
        "setbufsize seterr seterrcall seterrobj shares_memory show_config show_runtime source test tril_indices "
        "tril_indices_from triu_indices triu_indices_from typename unpackbits unravel_index who add_docstring add_newdoc "
        "add_newdoc_ufunc cast alltrue sometrue asscalar errstate finfo iinfo dtype ufunc busdaycalendar DataSource "
        "format_parser mgrid ogrid s_ index_exp core compat ctypeslib dtypes exceptions f2py lib polynomial random linalg fft "
        "testing typing version tracemalloc_domain"
    ),
    "numpy.linalg": _names("test linalg"),
    "numpy.fft": _names("test helper"),
    "numpy.random": _names(
        "BitGenerator Generator MT19937 PCG64 PCG64DXSM Philox RandomState SFC64 SeedSequence bit_generator bytes default_rng "
        "get_bit_generator get_state integers mtrand rand randint randn random random_integers random_sample ranf sample "
        "standard_cauchy standard_exponential standard_normal test tomaxint"
    ),
    "numpy.polynomial.polynomial": _names("la normalize_axis_index np pu"),
    "math": _names(""),
    "cmath": _names("isclose isfinite isinf isnan"),
}
"""It carries no derivative: numbers of it are constants, and a call of it stands as it is."""

METHODS: dict[str, str] = {
    "argpartition": "use np.argpartition(x, kth)",
    "base": "which memory an array is a view of is not known in advance: leave the question out",
    "byteswap": "the bytes of a number have no derivative",
    "choose": "use np.choose(x, choices)",
    "compress": "use np.compress(condition, x)",
    "ctypes": "a derivative does not reach into memory: use NumPy's functions",
    "data": "a derivative does not reach into memory: use NumPy's functions",
    "device": "use the array itself",
    "dump": "write files outside of the differentiated part",
    "dumps": "write files outside of the differentiated part",
    "flags": "how an array lies in memory is not known in advance: leave the question out",
    "getfield": "use x.astype(dtype)",
    "itemset": "use an assignment to an index",
    "nbytes": "use x.size and x.dtype",
    "newbyteorder": "the bytes of a number have no derivative",
    "resize": "make a new array: np.resize(x, shape)",
    "setfield": "use an assignment to an index",
    "setflags": "copy the array: x.copy()",
    "strides": "how an array lies in memory is not known in advance: use its shape",
    "to_device": "use the array itself",
    "tobytes": "write files outside of the differentiated part",
    "tofile": "write files outside of the differentiated part",
    "tostring": "write files outside of the differentiated part",
    "view": "another type for the same bytes has no derivative: use x.astype(dtype), or x[...] for a view",
}
"""The methods and attributes of arrays that the frontend does not know; it says the same of others in its own words."""
