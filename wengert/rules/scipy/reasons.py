"""Why a public function of `scipy.special` or `scipy.linalg` has no row: what to write instead, or nothing to do.

In: nothing. Out: tables by module and name, as `wengert.rules.reasons` has them for NumPy.

    REFUSED["scipy.linalg"]["lu_factor"]     "its pivots jump: use scipy.linalg.solve"
    KEPT["scipy.special"]                    names whose results carry no derivative

What is refused is refused where a derivative would have to go through it, or where an array is given to it.
"""

from __future__ import annotations

_COMPLEX = "its result is complex"
_ELLIPTIC = "its slopes are not in the table yet: use scipy.special.hyp2f1 or custom_jvp"
_INVERSE = "it inverts a distribution function by a parameter: find the parameter outside, or use custom_jvp"
_DISTRIBUTION = "its slopes are not in the table: use the methods of scipy.stats, or custom_jvp"
_MANY = "its slopes are not in the table: use custom_jvp with the recurrence of the function"
_NUMBER = "it counts: use scipy.special.gammaln, which is differentiable"
_OBJECT = "its result is an object: use the eval_ function, scipy.special.eval_legendre(n, x)"
_LISTS = "it gives all orders at once: use the function of one order"
_PIVOTS = "its pivots jump: use scipy.linalg.solve"
_NUMPY = "use the function of np.linalg"
_ITSELF = "use scipy.linalg.solve"
_PAIR = "its factors are not unique: use np.linalg.eigh or np.linalg.svd"
_SERIES = "its slopes are not in the table: use scipy.linalg.expm"
_CALLS = "it calls a function of Python: write the loop"


def _each(*reasons: tuple[str, str]) -> dict[str, str]:
    return {name: reason for reason, names in reasons for name in names.split()}


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


REFUSED: dict[str, dict[str, str]] = {
    "scipy.special": _each(
        (_COMPLEX, "hankel1 hankel1e hankel2 hankel2e h1vp h2vp lambertw wofz sph_harm sph_harm_y sph_harm_y_all kelvin"),
        (_COMPLEX, "modfresnelm modfresnelp wrightomega"),
        (_ELLIPTIC, "agm ellipj ellipeinc ellipkinc elliprc elliprd elliprf elliprg elliprj ellip_harm"),
        (_ELLIPTIC, "ellip_harm_2 ellip_normal"),
        (_INVERSE, "bdtri bdtrik bdtrin btdtria btdtrib btdtri chdtri chdtriv chndtridf chndtrinc chndtrix fdtri fdtridfd"),
        (_INVERSE, "gdtria gdtrib gdtrix kolmogi nbdtri nbdtrik nbdtrin ncfdtri ncfdtridfd ncfdtridfn ncfdtrinc nctdtridf"),
        (_INVERSE, "nctdtrinc nctdtrit nrdtrimn nrdtrisd pdtri pdtrik smirnovi stdtridf stdtrit"),
        (_DISTRIBUTION, "bdtr bdtrc btdtr chdtr chdtrc chndtr fdtr fdtrc gdtr gdtrc kolmogorov nbdtr nbdtrc ncfdtr nctdtr"),
        (_DISTRIBUTION, "pdtr pdtrc smirnov stdtr tklmbda voigt_profile"),
        (_MANY, "airye bei beip ber berp kei keip ker kerp besselpoly fresnel hyperu it2i0k0 it2j0y0 it2struve0 itairy iti0k0"),
        (_MANY, "itj0y0 itmodstruve0 itstruve0 ivp jvp kvp yvp lmbda log_wright_bessel lpmv lpmn lpn clpmn lqmn lqn modstruve"),
        (_MANY, "mathieu_a mathieu_b mathieu_cem mathieu_modcem1 mathieu_modcem2 mathieu_modsem1 mathieu_modsem2 mathieu_sem"),
        (_MANY, "mathieu_even_coef mathieu_odd_coef obl_ang1 obl_ang1_cv obl_cv obl_rad1 obl_rad1_cv obl_rad2 obl_rad2_cv"),
        (_MANY, "pbdv pbvv pbwa pro_ang1 pro_ang1_cv pro_cv pro_rad1 pro_rad1_cv pro_rad2 pro_rad2_cv shichi sici spence"),
        (_MANY, "spherical_in spherical_jn spherical_kn spherical_yn struve wright_bessel zetac diric assoc_laguerre"),
        (_MANY, "assoc_legendre_p legendre_p sph_legendre_p eval_chebyc eval_chebys eval_sh_chebyt eval_sh_chebyu"),
        (_MANY, "eval_sh_jacobi"),
        (_LISTS, "assoc_legendre_p_all legendre_p_all sph_legendre_p_all obl_cv_seq pbdn_seq pbdv_seq pbvv_seq pro_cv_seq"),
        (_LISTS, "riccati_jn riccati_yn"),
        (_NUMBER, "factorial2 factorialk perm stirling2"),
        (_OBJECT, "chebyc chebys chebyt chebyu gegenbauer genlaguerre hermite hermitenorm jacobi laguerre legendre sh_chebyt"),
        (_OBJECT, "sh_chebyu sh_jacobi sh_legendre"),
        ("its nodes move with the parameters, which is not in the table", "roots_jacobi roots_gegenbauer roots_genlaguerre"),
        ("its nodes move with the parameters, which is not in the table", "roots_sh_jacobi j_roots cg_roots la_roots js_roots"),
    ),
    "scipy.linalg": _each(
        (_PIVOTS, "lu lu_factor lu_solve ldl"),
        (_NUMPY, "eig eigvals qr lstsq pinv pinvh diagsvd null_space orth"),
        (_ITSELF, "cholesky_banded cho_solve_banded solveh_banded solve_circulant solve_toeplitz matmul_toeplitz"),
        (_PAIR, "schur rsf2csf cdf2rdf hessenberg qz ordqz rq qr_multiply qr_delete qr_insert qr_update cossin polar"),
        (_PAIR, "matrix_balance orthogonal_procrustes subspace_angles eig_banded eigvals_banded eigh_tridiagonal"),
        (_PAIR, "eigvalsh_tridiagonal"),
        (_SERIES, "cosm sinm tanm coshm sinhm tanhm signm fractional_matrix_power expm_frechet expm_cond"),
        (_CALLS, "funm"),
        ("use scipy.linalg.solve_sylvester", "solve_continuous_lyapunov solve_lyapunov solve_discrete_lyapunov"),
        ("write the equation's own derivative with custom_jvp", "solve_continuous_are solve_discrete_are"),
        ("build the matrix with np.stack and an index", "companion convolution_matrix fiedler fiedler_companion leslie tri"),
        ("use np.einsum", "khatri_rao kron"),
        ("newer versions of SciPy do not have it: use the function of np", "tril triu"),
        ("its result is random", "clarkson_woodruff_transform"),
    ),
}
"""Functions through which no derivative goes."""

KEPT: dict[str, frozenset[str]] = {
    "scipy.special": _names(
        "ai_zeros bei_zeros beip_zeros ber_zeros bernoulli berp_zeros bi_zeros erf_zeros euler fresnel_zeros fresnelc_zeros "
        "fresnels_zeros geterr jn_zeros jnjnp_zeros jnp_zeros jnyn_zeros kei_zeros keip_zeros kelvin_zeros ker_zeros "
        "kerp_zeros seterr test y0_zeros y1_zeros y1p_zeros yn_zeros ynp_zeros roots_chebyc roots_chebys roots_sh_chebyt "
        "roots_sh_chebyu c_roots s_roots ts_roots us_roots errstate"
    ),
    "scipy.linalg": _names(
        "bandwidth dft find_best_blas_type get_blas_funcs get_lapack_funcs hadamard helmert hilbert invhilbert invpascal "
        "ishermitian issymmetric pascal test"
    ),
}
"""Functions of whole numbers and of no numbers."""
