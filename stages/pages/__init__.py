"""The frame, style and script that the rating page and the review page share."""
