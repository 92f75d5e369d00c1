"""YAML as text: values with their positions, and what is wrong with a file. Knows no key's meaning."""
