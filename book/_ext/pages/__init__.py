"""What the pages say: from Markdown to the nodes of Sphinx, one module a thing."""
