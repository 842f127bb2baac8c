"""The router function: takes new applications off the stream, decides by rules and the model."""
