"""People, follows and tweets that benchmarks run on."""
