"""The cluster broken again and again under load, with the model as judge: `python -m bench.chaos`."""
