"""How good the model's predictions are, where labels are there."""
