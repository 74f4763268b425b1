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
    ("female", "Black", "9 - 11th Grade", 29, 13, 1431, 76799, 935.11, 45414.12, 31599.1093),
    ("female", "Black", "College Grad", 30, 16, 1439, 77391, 917.99, 42898.62, 29347.2401),
    ("female", "Black", "High School", 46, 30, 2139, 111547, 1595.91, 73818.61, 60559.7143),
    ("female", "Black", "Some College", 76, 41, 3089, 147321, 2426.18, 100429.07, 85375.1546),
    ("female", "Hispanic", "8th Grade", 13, 8, 691, 40235, 401.86, 21453.0, 12747.4828),
    ("female", "Hispanic", "9 - 11th Grade", 12, 6, 540, 27072, 361.92, 16152.04, 11306.4512),
    ("female", "Hispanic", "College Grad", 17, 3, 670, 29236, 459.05, 18561.32, 12830.1231),
    ("female", "Hispanic", "High School", 23, 8, 841, 36197, 672.32, 25110.37, 20889.0392),
    ("female", "Hispanic", "Some College", 26, 8, 883, 33771, 707.49, 24488.26, 20041.8617),
    ("female", "Mexican", "8th Grade", 33, 17, 1598, 86186, 1042.31, 50260.7, 33865.3705),
    ("female", "Mexican", "9 - 11th Grade", 16, 5, 568, 22774, 474.62, 17106.93, 14930.4474),
    ("female", "Mexican", "College Grad", 5, 1, 196, 8298, 124.79, 5098.99, 3206.9431),
    ("female", "Mexican", "High School", 20, 10, 804, 36200, 618.0, 24236.22, 19842.2712),
    ("female", "Mexican", "Some College", 25, 7, 775, 27407, 679.48, 21026.25, 19388.6832),
    ("female", "Other", "8th Grade", 12, 3, 610, 32326, 314.48, 16237.64, 8778.0188),
    ("female", "Other", "9 - 11th Grade", 7, 1, 299, 13283, 174.73, 7577.04, 4484.7965),
    ("female", "Other", "College Grad", 46, 6, 1743, 74103, 1149.14, 43906.06, 30067.9956),
    ("female", "Other", "High School", 9, 4, 473, 28177, 287.35, 14847.24, 9804.3213),
    ("female", "Other", "Some College", 37, 7, 1606, 85368, 960.51, 42775.86, 26177.2093),
    ("female", "White", "8th Grade", 24, 9, 1608, 114602, 684.64, 46055.16, 20170.0592),
    ("female", "White", "9 - 11th Grade", 104, 44, 5553, 334055, 3098.61, 162493.41, 100755.0923),
    ("female", "White", "College Grad", 335, 90, 15270, 765742, 9042.34, 412410.87, 257515.6084),
    ("female", "White", "High School", 232, 81, 12204, 720588, 6728.94, 357164.9, 205768.767),
    ("female", "White", "Some College", 349, 122, 17100, 952502, 10111.92, 493863.13, 314111.9694),
    ("male", "Black", "8th Grade", 8, 1, 507, 34395, 201.28, 12957.26, 5149.5912),
    ("male", "Black", "9 - 11th Grade", 36, 13, 1728, 92934, 1028.89, 49440.01, 31271.4607),
    ("male", "Black", "College Grad", 20, 7, 949, 48257, 605.41, 28513.44, 18845.5985),
    ("male", "Black", "High School", 44, 19, 1979, 98351, 1327.66, 60355.77, 42323.0326),
    ("male", "Black", "Some College", 46, 15, 1999, 96883, 1290.05, 55628.2, 38978.0647),
    ("male", "Hispanic", "8th Grade", 10, 5, 532, 30560, 313.07, 16098.34, 10089.3241),
    ("male", "Hispanic", "9 - 11th Grade", 10, 2, 382, 16878, 301.53, 10980.3, 9765.8389),
    ("male", "Hispanic", "College Grad", 13, 4, 568, 27250, 356.72, 15592.52, 10024.6692),
    ("male", "Hispanic", "High School", 17, 7, 618, 25986, 494.07, 18331.19, 14784.4105),
    ("male", "Hispanic", "Some College", 25, 8, 1020, 49582, 710.74, 29448.93, 20711.989),
    ("male", "Mexican", "8th Grade", 52, 17, 2596, 143036, 1484.04, 73571.3, 43218.8514),
    ("male", "Mexican", "9 - 11th Grade", 34, 16, 1421, 66055, 1047.5, 43628.84, 32971.0324),
    ("male", "Mexican", "College Grad", 11, 8, 402, 15444, 349.53, 12796.57, 11320.5539),
    ("male", "Mexican", "High School", 26, 11, 912, 37462, 765.27, 26636.74, 23260.3847),
    ("male", "Mexican", "Some College", 20, 4, 793, 36633, 550.07, 22502.97, 15967.9327),
    ("male", "Other", "8th Grade", 11, 1, 579, 33561, 275.0, 14497.99, 6973.0734),
    ("male", "Other", "9 - 11th Grade", 14, 1, 629, 30891, 342.83, 15475.13, 8634.7177),
    ("male", "Other", "College Grad", 44, 3, 1775, 78865, 1141.38, 46588.3, 30417.2248),
    ("male", "Other", "High School", 14, 4, 603, 30401, 379.88, 15787.75, 10901.18),
    ("male", "Other", "Some College", 28, 12, 1032, 43976, 799.56, 29377.55, 23962.5968),
    ("male", "White", "8th Grade", 32, 13, 2128, 148440, 963.75, 63395.07, 30844.7011),
    ("male", "White", "9 - 11th Grade", 104, 32, 4914, 263878, 2932.07, 140327.45, 85574.3549),
    ("male", "White", "College Grad", 325, 92, 16238, 888314, 9159.07, 459504.71, 266068.0969),
    ("male", "White", "High School", 201, 85, 9796, 525928, 6008.03, 294110.94, 187161.3911),
    ("male", "White", "Some College", 328, 157, 14963, 763635, 9828.1, 454025.65, 305694.8498),
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

# Life expectancy by tenth of deprivation, the first test of R's PHEindicatormethods: people, years, standard error.
LIFE_1 = [
    (7291, 75.9334590103081, 1.63847242635855),
    (7997, 78.3442382727843, 1.57819288454291),
    (6105, 83.8360631041654, 1.51343550596403),
    (7666, 83.6375399664931, 1.77549061758013),
    (5790, 80.4655031529559, 1.70133905919814),
    (6934, 81.1156759857022, 1.56412107376755),
    (5918, 81.6930835718562, 1.36811483668786),
    (5974, 84.1900062060987, 1.40014180059408),
    (7147, 80.5955641081472, 2.43284639757816),
    (7534, 86.2894349578624, 1.56651816959347),
]
LIFE_2 = [
    (21675, 70.54853186, 0.229591836734695),
    (20065, 71.57155734, 0.259806801020409),
    (19750, 72.48698671, 0.299238084183673),
    (24713, 73.51985519, 0.160751227040817),
    (20112, 73.14605425, 0.791822895408162),
    (19618, 76.15898712, 0.778319612244898),
    (22408, 78.65444871, 0.399375329081633),
    (19752, 80.56476961, 0.279395507653061),
    (18939, 80.85486627, 0.229591836734695),
    (19312, 79.9711253, 0.351753750000003),
]

# apistrat of the same: schools, sum of api00, sum of squares, schools there are; elementary, high, middle.
LEVELS = [(100, 67443, 47038637, 4421), (50, 31291, 20167941, 755), (50, 31830, 20940396, 1018)]
