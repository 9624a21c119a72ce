"""Pages, profiles and damage made at random, for tests and benchmarks."""
