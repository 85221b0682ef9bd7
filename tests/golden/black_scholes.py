import math


def black_scholes_grad(spot, strike, years, rate, volatility):
    # primal trace
    # line 139: spread = volatility * math.sqrt(years)
    v1 = math.sqrt(years)
    spread = volatility * v1
    # line 140: d1 = (math.log(spot / strike) + (rate + 0.5 * volatility**2) * years) / spread
    v2 = spot / strike
    v3 = math.log(v2)
    v4 = volatility ** 2
    v5 = 0.5 * v4
    v6 = rate + v5
    v7 = v6 * years
    v8 = v3 + v7
    d1 = v8 / spread
    # line 141: d2 = d1 - spread
    d2 = d1 - spread
    # line 142: n1 = 0.5 * (1.0 + math.erf(d1 / math.sqrt(2.0)))
    v9 = math.sqrt(2.0)
    v10 = d1 / v9
    v11 = math.erf(v10)
    v12 = 1.0 + v11
    n1 = 0.5 * v12
    # line 143: n2 = 0.5 * (1.0 + math.erf(d2 / math.sqrt(2.0)))
    v13 = d2 / v9
    v14 = math.erf(v13)
    v15 = 1.0 + v14
    n2 = 0.5 * v15
    # line 144: return spot * n1 - strike * math.exp(-rate * years) * n2
    v16 = -rate
    v17 = v16 * years
    v18 = math.exp(v17)
    v19 = strike * v18
    # adjoint trace
    # line 144: return spot * n1 - strike * math.exp(-rate * years) * n2
    v19_bar = -n2
    strike_bar = v19_bar * v18
    v18_bar = v19_bar * strike
    v17_bar = v18_bar * v18
    v16_bar = v17_bar * years
    years_bar = v17_bar * v16
    rate_bar = -v16_bar
    # line 143: n2 = 0.5 * (1.0 + math.erf(d2 / math.sqrt(2.0)))
    v20 = math.exp(-(v13 * v13))
    v21 = v19 * 0.5 * 1.1283791670955126 * v20 / v9
    d2_bar = -v21
    # line 142: n1 = 0.5 * (1.0 + math.erf(d1 / math.sqrt(2.0)))
    v12_bar = spot * 0.5
    v10_bar = v12_bar * 1.1283791670955126 * math.exp(-(v10 * v10))
    d1_bar = v10_bar / v9
    # line 141: d2 = d1 - spread
    d1_bar = d1_bar + d2_bar
    spread_bar = -d2_bar
    # line 140: d1 = (math.log(spot / strike) + (rate + 0.5 * volatility**2) * years) / spread
    v8_bar = d1_bar / spread
    spread_bar = spread_bar - d1_bar * d1 / spread
    v6_bar = v8_bar * years
    years_bar = years_bar + v8_bar * v6
    rate_bar = rate_bar + v6_bar
    v4_bar = v6_bar * 0.5
    volatility_bar = v4_bar * (2 * volatility)
    v2_bar = v8_bar / v2
    spot_bar = n1 + v2_bar / strike
    strike_bar = strike_bar - v2_bar * v2 / strike
    # line 139: spread = volatility * math.sqrt(years)
    volatility_bar = volatility_bar + spread_bar * v1
    v1_bar = spread_bar * volatility
    if v1_bar != 0.0:
        v22 = 0.5 / v1 if v1 != 0 else math.inf
        v23 = v1_bar * v22
    else:
        v23 = 0.0
    years_bar = years_bar + v23
    return spot_bar, strike_bar, years_bar, rate_bar, volatility_bar
