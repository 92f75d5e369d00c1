"""Configuration: models, layers with origins, interpolation, params. Knows neither Hamilton nor a file's syntax."""
