"""How text becomes a prediction: bundle, tokenizer, ONNX session, prediction."""
