"""The DAG as data and as text: model, layout, drawing, decoding, export. Knows nothing else of this project."""
