"""The programs are no tests: importing them again would register them twice."""

collect_ignore_glob = ["*.py"]
