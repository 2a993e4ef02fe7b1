"""The fast path of the training on a GPU: the same mathematics as the plain path with fewer bytes moved.

`plan` chooses from the free memory, `install` puts the other modules' functions into a model. Nothing here changes what
is trained: rows don't see each other, the weights are those of the 4-bit base, dropout draws one mask a projection.
"""
