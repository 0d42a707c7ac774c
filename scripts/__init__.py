"""The codelab's names for the commands: python -m scripts.retrain, scripts.label_image ..."""
