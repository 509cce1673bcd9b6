"""The built-in models, by name: one file and one line here each."""

MODELS = {
    "mlp": "tuner.models.mlp:build",
    "cnn": "tuner.models.cnn:build",
}
