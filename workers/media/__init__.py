"""Processing of pictures: the worker, and the program that it runs for each picture within limits."""
