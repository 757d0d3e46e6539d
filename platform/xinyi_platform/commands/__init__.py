"""The command line's own commands, one module for each thing that they act on. Features bring theirs."""
