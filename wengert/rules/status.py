"""What becomes of each public function of `math`, `numpy` and `numpy.linalg` that has no row.

In: a name and the function. Out: "differentiable", "constant", "kept" or the reason for which it is refused; an empty text
for a function that nobody has thought of yet.

    status("np", "sin", np.sin)             "differentiable"
    status("np", "place", np.place)         "it writes into an array: ..."

What is kept carries no derivative and is called as it stands. What is refused is refused where a derivative would have to
go through it; a program may call it on what does not vary.
"""

from __future__ import annotations

from typing import Any

from wengert.rules.kinds import Constant, lookup

_WRITES = "it writes into an array: use an assignment to an index"
_CALLS = "it calls a function of Python: write the loop"
_COMPLEX = "its result is complex: derivatives of complex values are not supported yet"
_VALUES = "how many values it gives depends on them: use np.sort, or an index"
_RENAMED = "NumPy has another name for it now"
_PARTS = "it has parts of several kinds: use np.histogram with weights"

REFUSED: dict[str, dict[str, str]] = {
    "np": {
        **dict.fromkeys(("copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask"), _WRITES),
        **dict.fromkeys(
            ("apply_along_axis", "apply_over_axes", "fromfunction", "frompyfunc", "fromiter", "piecewise"), _CALLS
        ),
        **dict.fromkeys(("real_if_close", "sort_complex", "roots"), _COMPLEX),
        **dict.fromkeys(
            (
                "unique", "unique_all", "unique_counts", "unique_inverse", "unique_values", "intersect1d", "setdiff1d",
                "setxor1d", "union1d", "trim_zeros", "in1d",
            ),
            _VALUES,
        ),
        **dict.fromkeys(("histogram2d", "histogramdd", "histogram_bin_edges"), _PARTS),
        **dict.fromkeys(("asmatrix", "bmat", "mat"), "matrices are not arrays: use np.block and two-dimensional arrays"),
        **dict.fromkeys(("divmod",), "use `//` and `%`"),
        **dict.fromkeys(("poly", "polydiv", "polymul"), "use np.convolve on the coefficients"),
        **dict.fromkeys(("geomspace", "logspace"), "use np.exp(np.linspace(...))"),
        **dict.fromkeys(("i0", "kaiser"), "the slope of a Bessel function is another one, which NumPy does not have"),
        **dict.fromkeys(("astype",), "use the method: x.astype(dtype)"),
        **dict.fromkeys(("asanyarray", "asarray_chkfinite", "asfarray", "asfortranarray", "require"), "use np.asarray"),
        **dict.fromkeys(("matrix_transpose",), "use np.swapaxes(x, -1, -2)"),
        **dict.fromkeys(("nextafter",), "a neighbor among the floating point numbers is the number itself: leave it out"),
        **dict.fromkeys(
            ("row_stack", "trapz", "cumproduct", "product", "msort", "round_", "fastCopyAndTranspose"), _RENAMED
        ),
        **dict.fromkeys(("unstack",), "iterate over the array"),
        "nested_iters": "iterate over the array",
        "from_dlpack": "use np.asarray outside of the differentiated part",
    },
    "np.linalg": {"eig": _COMPLEX, "eigvals": _COMPLEX, "matrix_transpose": "use np.swapaxes(x, -1, -2)"},
}

WITHOUT_DERIVATIVE: dict[str, frozenset[str]] = {
    "np": frozenset({
        "array2string", "array_equiv", "array_repr", "array_str", "bartlett", "base_repr", "binary_repr", "bitwise_count",
        "blackman", "broadcast_shapes", "busday_count", "busday_offset", "byte_bounds", "can_cast", "common_type",
        "compare_chararrays", "datetime_as_string", "datetime_data", "deprecate", "deprecate_with_doc", "diag_indices",
        "diag_indices_from", "disp", "einsum_path", "find_common_type", "format_float_positional",
        "format_float_scientific", "frombuffer", "fromfile", "fromregex", "fromstring", "genfromtxt", "get_array_wrap",
        "get_include", "get_printoptions", "getbufsize", "geterr", "geterrcall", "geterrobj", "hamming", "hanning",
        "indices", "info", "is_busday", "iscomplex", "iscomplexobj", "isdtype", "isfortran", "isin", "isnat", "isreal",
        "isrealobj", "isscalar", "issctype", "issubclass_", "issubdtype", "issubsctype", "iterable", "ix_", "load",
        "loadtxt", "lookfor", "mask_indices", "maximum_sctype", "may_share_memory", "min_scalar_type", "mintypecode",
        "nanargmax", "nanargmin", "obj2sctype", "packbits", "printoptions", "promote_types", "ravel_multi_index",
        "recfromcsv", "recfromtxt", "result_type", "safe_eval", "save", "savetxt", "savez", "savez_compressed",
        "sctype2char", "set_numeric_ops", "set_printoptions", "set_string_function", "setbufsize", "seterr", "seterrcall",
        "seterrobj", "shares_memory", "show_config", "show_runtime", "source", "test", "tril_indices", "tril_indices_from",
        "triu_indices", "triu_indices_from", "typename", "unpackbits", "unravel_index", "who", "add_docstring",
        "add_newdoc", "add_newdoc_ufunc", "cast", "alltrue", "sometrue", "asscalar",
    }),
    "np.linalg": frozenset({"test"}),
}


def status(prefix: str, name: str, function: Any) -> str:
    """What becomes of a function; an empty text where nothing is known of it."""
    row = lookup(function)
    if row is not None:
        return "constant" if isinstance(row, Constant) else "differentiable"
    if name in WITHOUT_DERIVATIVE.get(prefix, frozenset()):
        return "kept"
    return REFUSED.get(prefix, {}).get(name, "")
