"""Raw files of every kind in, one record type out."""
