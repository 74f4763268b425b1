"""Published data as sums, and what reference software makes of them.

Only sums stand here, which is all that the statistics need. Each block names the data and the
software that gave the expected numbers (R 4.2.2; lme4 1.1-31, survey 4.1-1, spdep 1.2-7, PHEindicatormethods).
"""

from __future__ import annotations

import numpy as np

from kinweave.measures.moments import Moments, Pattern


def _pattern(group: tuple[str, ...], n: int, total: list[float], upper: list[float]) -> Pattern:
    """upper: the upper triangle of the sums of products, row by row."""
    size = len(total)
    products = np.zeros((size, size))
    products[np.triu_indices(size)] = upper
    products = np.triu(products) + np.triu(products, 1).T
    return Pattern(group, tuple(range(size)), n, np.array(total, dtype=float), products)


# Belenky et al. (2003), J Sleep Res 12:1-12, as `sleepstudy` in lme4: reaction times of 18 people on days 0 to 9, less
# 300 ms. Expected: lme4, REML; also printed in Bates et al. (2015), J Stat Softw 67(1).
SLEEP = Moments(tuple(float(t) for t in range(10)), (), 300.0, 1.0, (_pattern((), 18, [
    -780.2675, -639.0764, -623.4858, -306.1438, -204.3104, 153.3322, 219.2086, 337.5105, 659.3311, 915.322,
], [
    51372.314946, 41155.007703, 34590.343002, 23112.223937, 19285.325571, 3871.100607, -1849.584724, -1142.211173,
    -17760.142488, -20807.805558, 41688.90728, 35041.081782, 27243.312059, 22991.813282, 10119.759152, 3525.158607,
    1577.31705, -9889.29728, -11693.138161, 36363.969114, 27641.538126, 21868.741086, 7454.069099, 6787.864169,
    3129.115764, -10580.795776, -17499.503614, 30875.595618, 29149.235448, 22085.33724, 24433.046599, 14103.535675,
    12480.661512, 9464.660549, 33080.061697, 30235.121907, 31743.155695, 21346.452991, 24929.594315, 24273.589303,
    46867.75197, 43186.704334, 33314.820056, 53350.328702, 57182.791234, 70515.200074, 41962.566788, 55141.856034,
    44247.93718, 49005.439501, 51419.529788, 54744.614145, 85759.071058, 93949.948646, 122826.707845,
]),))  # fmt: skip

# Potthoff & Roy (1964), Biometrika 51:313-326: distances of 27 children at ages 8, 10, 12 and 14, less 24 mm.
GROWTH = Moments((8.0, 10.0, 12.0, 14.0), ("sex",), 24.0, 1.0, (
    _pattern(("Female",), 11, [
        -31, -19.5, -10, 1,
    ], [
        132.5, 88.5, 71.5, 40.75, 70.75, 58, 39, 65, 53.75, 59.5,
    ]),
    _pattern(("Male",), 16, [
        -18, -3, 27.5, 55.5,
    ], [
        110.5, 37.75, 23.5, -38.25, 69, 27.75, 31.75, 152.75, 144, 257.75,
    ]),
))  # fmt: skip

# NHANES (public domain), 3,000 people as in R's MAIHDA 0.1.11, by gender, race and education.
# Each row: gender, race, education, people, obese, sums of age, age², BMI, age·BMI, BMI².
HEALTH = [
    ("female", "Black", "8th Grade", 1, 0, 34, 1156, 24.05, 817.7, 578.4025),
    ("female", "Black", "9 - 11th Grade", 26, 11, 1265, 67581, 840.68, 40156.79, 28583.8076),
    ("female", "Black", "College Grad", 28, 14, 1337, 72187, 847.69, 39316.2, 26872.0479),
    ("female", "Black", "High School", 41, 28, 1901, 99585, 1426.86, 66252.39, 53931.3416),
    ("female", "Black", "Some College", 73, 40, 2953, 140155, 2333.38, 96032.27, 82062.5146),
    ("female", "Hispanic", "8th Grade", 12, 8, 659, 39211, 378.4, 20702.28, 12197.1112),
    ("female", "Hispanic", "9 - 11th Grade", 11, 6, 494, 24956, 336.18, 14968.0, 10643.9036),
    ("female", "Hispanic", "College Grad", 15, 3, 606, 27188, 400.85, 16698.92, 11136.5031),
    ("female", "Hispanic", "High School", 21, 7, 754, 31728, 613.6, 22290.02, 19061.6278),
    ("female", "Hispanic", "Some College", 21, 8, 721, 28317, 574.78, 20197.99, 16463.64),
    ("female", "Mexican", "8th Grade", 27, 16, 1356, 74956, 862.88, 42745.48, 28250.1968),
    ("female", "Mexican", "9 - 11th Grade", 12, 4, 436, 17722, 358.88, 13373.71, 11370.843),
    ("female", "Mexican", "College Grad", 5, 1, 196, 8298, 124.79, 5098.99, 3206.9431),
    ("female", "Mexican", "High School", 20, 10, 804, 36200, 618.0, 24236.22, 19842.2712),
    ("female", "Mexican", "Some College", 23, 6, 696, 24262, 622.48, 18760.05, 17755.3632),
    ("female", "Other", "8th Grade", 11, 3, 563, 30117, 290.34, 15103.06, 8195.2792),
    ("female", "Other", "9 - 11th Grade", 7, 1, 299, 13283, 174.73, 7577.04, 4484.7965),
    ("female", "Other", "College Grad", 38, 5, 1493, 65747, 960.47, 37866.82, 25478.7891),
    ("female", "Other", "High School", 8, 3, 425, 25873, 245.55, 12840.84, 8057.0813),
    ("female", "Other", "Some College", 29, 5, 1217, 62109, 750.03, 32030.04, 20214.1891),
    ("female", "White", "8th Grade", 22, 9, 1453, 102585, 632.34, 42007.46, 18795.5692),
    ("female", "White", "9 - 11th Grade", 99, 43, 5356, 325932, 2976.07, 157944.77, 97410.6757),
    ("female", "White", "College Grad", 328, 89, 15012, 754654, 8876.45, 406291.82, 253487.3589),
    ("female", "White", "High School", 211, 78, 10927, 636121, 6174.2, 323260.01, 190789.0798),
    ("female", "White", "Some College", 327, 117, 15857, 875763, 9474.3, 457324.49, 292519.5848),
    ("male", "Black", "8th Grade", 7, 1, 451, 31259, 179.88, 11758.86, 4691.6312),
    ("male", "Black", "9 - 11th Grade", 30, 12, 1381, 71077, 876.36, 40565.19, 27230.8462),
    ("male", "Black", "College Grad", 17, 6, 806, 40800, 511.72, 24058.77, 15869.4504),
    ("male", "Black", "High School", 40, 18, 1845, 93333, 1228.92, 56879.23, 39748.313),
    ("male", "Black", "Some College", 39, 12, 1672, 80594, 1105.1, 46774.7, 33812.0872),
    ("male", "Hispanic", "8th Grade", 9, 5, 452, 24160, 288.27, 14114.34, 9474.2841),
    ("male", "Hispanic", "9 - 11th Grade", 8, 2, 312, 14378, 246.12, 9038.9, 8230.6208),
    ("male", "Hispanic", "College Grad", 12, 4, 508, 23650, 337.96, 14466.92, 9672.7316),
    ("male", "Hispanic", "High School", 16, 6, 587, 25025, 453.93, 17086.85, 13173.1909),
    ("male", "Hispanic", "Some College", 25, 8, 1020, 49582, 710.74, 29448.93, 20711.989),
    ("male", "Mexican", "8th Grade", 41, 14, 2071, 114107, 1163.65, 58897.38, 33638.1315),
    ("male", "Mexican", "9 - 11th Grade", 29, 14, 1199, 55473, 903.33, 37223.7, 28769.5447),
    ("male", "Mexican", "College Grad", 11, 8, 402, 15444, 349.53, 12796.57, 11320.5539),
    ("male", "Mexican", "High School", 25, 11, 891, 37021, 743.7, 26183.77, 22795.1198),
    ("male", "Mexican", "Some College", 19, 4, 755, 35189, 525.99, 21587.93, 15388.0863),
    ("male", "Other", "8th Grade", 10, 1, 528, 30960, 253.13, 13382.62, 6494.7765),
    ("male", "Other", "9 - 11th Grade", 13, 1, 585, 28955, 314.83, 14243.13, 7850.7177),
    ("male", "Other", "College Grad", 41, 3, 1646, 73160, 1060.46, 43117.67, 28232.5798),
    ("male", "Other", "High School", 14, 4, 603, 30401, 379.88, 15787.75, 10901.18),
    ("male", "Other", "Some College", 24, 11, 846, 33908, 696.66, 24751.53, 21246.5996),
    ("male", "White", "8th Grade", 32, 13, 2128, 148440, 963.75, 63395.07, 30844.7011),
    ("male", "White", "9 - 11th Grade", 94, 30, 4392, 235186, 2650.37, 125721.79, 77523.1895),
    ("male", "White", "College Grad", 309, 89, 15428, 844450, 8733.62, 438125.86, 254356.8718),
    ("male", "White", "High School", 190, 82, 9238, 494422, 5694.62, 278414.6, 178162.7828),
    ("male", "White", "Some College", 321, 155, 14684, 751298, 9628.23, 446104.23, 299887.0021),
]  # fmt: skip

# California Academic Performance Index, apiclus1 in R's survey 4.1-1: schools of 15 districts out of 757, each with
# weight 33.847. Each row: schools, sum of api00, sum of squares, sum of enrolment.
DISTRICTS = [
    (13, 9372, 6776670, 6777),
    (34, 22508, 15230414, 15038),
    (4, 2077, 1080231, 1668),
    (13, 8593, 5785221, 6958),
    (16, 11369, 8291141, 9025),
    (2, 1116, 622746, 683),
    (1, 551, 303601, 274),
    (4, 1888, 892678, 1436),
    (12, 9111, 6954607, 7375),
    (21, 13761, 9135035, 14968),
    (9, 6386, 4545286, 2180),
    (11, 7359, 4954789, 6081),
    (37, 20394, 11423442, 25814),
    (2, 905, 412957, 680),
    (4, 2493, 1563077, 1641),
]
