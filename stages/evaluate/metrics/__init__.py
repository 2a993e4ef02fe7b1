"""The metrics as local `evaluate` modules: nothing is fetched, each also loads by `evaluate.load(path)`.

Every module returns one score a row, in 0..1, higher is better; a mean is taken later, over whole rows.
"""
