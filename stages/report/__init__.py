"""What a reviewer of a change wants to read first, as Markdown and as one page."""
