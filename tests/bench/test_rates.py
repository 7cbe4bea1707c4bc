from config.bench.rates import Rate, middle, percentiles


def test_the_median_is_taken_of_every_figure_by_itself():
    rounds = [Rate(100, p50=3, commits=1.0), Rate(300, p50=1, commits=5.0), Rate(200, p50=2, commits=2.0)]

    assert middle(rounds) == Rate(200, p50=2, commits=2.0)


def test_a_figure_that_no_round_has_stays_unknown_and_one_missing_round_does_not_hide_the_others():
    found = middle([Rate(1, cpu_postgres=4.0), Rate(1, cpu_postgres=None), Rate(1, cpu_postgres=6.0)])

    assert found.cpu_postgres == 5.0
    assert found.cpu_redis is None


def test_percentiles_of_a_hundred_values_of_one_and_of_none():
    assert percentiles([float(value) for value in range(101)]) == (50.0, 95.0)
    assert percentiles([7.0]) == (7.0, 7.0)
    assert percentiles([]) == (0.0, 0.0)
