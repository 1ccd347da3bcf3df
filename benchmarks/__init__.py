"""What `make bench` measures; every figure beside a reference of the same run."""
